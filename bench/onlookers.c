/* The load client of albums: many viewers that read numbered events, and when the last of them had each.
 *
 *   onlookers PORT PATH VIEWERS AT_ONCE MARKER [HEADER...]
 *
 * Opens VIEWERS connections to 127.0.0.1:PORT, AT_ONCE of them unanswered at most, and asks each for PATH with the given
 * HEADERs (“Name: value”). In what comes, the digits behind each MARKER are an event's number, also where a read ends
 * within them. For each number it keeps how many connections got it and when the last one did, and it counts the numbers
 * that came twice or out of order: those not above the one before on the same connection.
 *
 * Commands on standard input, one a line: `reset` forgets the events so far; `stat` prints one line of JSON: connections
 * that are watching and that were refused or ended, bytes and events received; `times` prints another: when the first
 * connection began, in seconds since 1970, the numbers out of order, and for each number [number, connections, when the
 * last had it]. Ends when its standard input does.
 */
#define _GNU_SOURCE
#include "viewers.h"

enum { NUMBERS = 1 << 16, CARRIED = 128, DIGITS = 20 };

/* `carried` is the end of what was read: a marker or a number that is not yet whole. */
static struct { int asked, answered; long newest; size_t kept; char carried[CARRIED]; } viewer[MAX];
static struct { int connections; double last; } event[NUMBERS];
static const char *marker;
static size_t marker_size;
static uint64_t bytes, events, disorder;
static int watching, refused, waiting;
static double began;
static char input[CARRIED + (1 << 18)];

static void leave(int fd)
{
    if (viewer[fd].answered) watching--;
    else waiting--;
    refused++;
    close(fd);
}

static void count(int fd, long number, double at)
{
    if (number < 0 || number >= NUMBERS) { fprintf(stderr, "an event has the number %ld\n", number); exit(1); }
    events++;
    if (number <= viewer[fd].newest) disorder++;
    viewer[fd].newest = number;
    event[number].connections++;
    event[number].last = at;
}

/* Count the whole numbers in `input`; returns how many bytes of it are done with. */
static size_t find(int fd, size_t size, double at)
{
    size_t done = 0;
    for (;;) {
        char *found = memmem(input + done, size - done, marker, marker_size);
        if (!found) {
            size_t partial = marker_size - 1;
            return size - done > partial ? size - partial : done;
        }
        size_t digit = (size_t)(found - input) + marker_size;
        long number = 0;
        size_t end = digit;
        for (; end < size && end - digit < DIGITS - 2 && input[end] >= '0' && input[end] <= '9'; end++)
            number = 10 * number + (input[end] - '0');
        if (end == size) return (size_t)(found - input);
        if (end > digit) count(fd, number, at);
        done = end;
    }
}

static void take(int fd)
{
    size_t kept = viewer[fd].kept;
    memcpy(input, viewer[fd].carried, kept);
    ssize_t got = recv(fd, input + kept, sizeof input - kept, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) { leave(fd); return; }
    if (got < 0) return;
    if (!viewer[fd].answered) {
        if (got < 12 || memcmp(input + 8, " 200", 4)) { leave(fd); return; }
        viewer[fd].answered = 1;
        watching++;
        waiting--;
    }
    bytes += (uint64_t)got;
    size_t size = kept + (size_t)got, done = find(fd, size, now());
    viewer[fd].kept = size - done;
    memcpy(viewer[fd].carried, input + done, size - done);
}

static void reset(void)
{
    memset(event, 0, sizeof event);
    events = disorder = 0;
}

static void report(void)
{
    printf("{\"watching\": %d, \"refused\": %d, \"bytes\": %llu, \"events\": %llu}\n", watching, refused,
           (unsigned long long)bytes, (unsigned long long)events);
    fflush(stdout);
}

static void report_times(void)
{
    const char *comma = "";
    printf("{\"began\": %.6f, \"disorder\": %llu, \"numbers\": [", began, (unsigned long long)disorder);
    for (int number = 0; number < NUMBERS; number++) {
        if (!event[number].connections) continue;
        printf("%s[%d, %d, %.6f]", comma, number, event[number].connections, event[number].last);
        comma = ", ";
    }
    printf("]}\n");
    fflush(stdout);
}

static int obey(void)
{
    char line[256];
    ssize_t got = read(0, line, sizeof line - 1);
    if (got <= 0) return 0;
    line[got] = 0;
    if (strstr(line, "reset")) reset();
    if (strstr(line, "stat")) report();
    if (strstr(line, "times")) report_times();
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 6) { fprintf(stderr, "onlookers PORT PATH VIEWERS AT_ONCE MARKER [HEADER...]\n"); return 2; }
    int wanted = atoi(argv[3]), at_once = atoi(argv[4]);
    marker = argv[5];
    marker_size = strlen(marker);
    if (!marker_size || marker_size + DIGITS > CARRIED) { fprintf(stderr, "MARKER is empty or too long\n"); return 2; }
    prepare(argv[1], argv[2]);
    for (int header = 6; header < argc; header++) add_to_request("", argv[header], "");
    add_to_request("", "", "");
    began = now();

    int opened = 0;
    for (;;) {
        /* A few at a time, so that those that were answered are heard meanwhile. */
        for (int few = 0; few < 64 && opened < wanted && waiting < at_once; few++, opened++, waiting++) {
            int fd = connect_one();
            memset(&viewer[fd], 0, sizeof viewer[fd]);
            viewer[fd].newest = -1;
        }
        struct epoll_event ready[1024];
        int n = epoll_wait(epoll_fd, ready, 1024, opened < wanted && waiting < at_once ? 0 : -1);
        for (int i = 0; i < n; i++) {
            int fd = (int)ready[i].data.u32;
            if (fd == INPUT) { if (!obey()) return 0; continue; }
            if (!viewer[fd].asked && ready[i].events & EPOLLOUT) {
                viewer[fd].asked = 1;
                if (!ask(fd)) { leave(fd); continue; }
                watch(EPOLL_CTL_MOD, fd, EPOLLIN, fd);
            }
            if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) take(fd);
        }
    }
}
