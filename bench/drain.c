/* The load client: many viewers that take everything and copy nothing.
 *
 *   drain PORT PATH AUTHORIZATION VIEWERS SAMPLED STALLED
 *
 * Opens VIEWERS connections to 127.0.0.1:PORT, asks each for PATH, and throws away what comes (recv with MSG_TRUNC: the
 * kernel discards without copying). SAMPLED of them, spread over all, read the head of each part to learn its age: the
 * time from its X-Timestamp to its last byte. The last STALLED of them never read at all. AUTHORIZATION is the header's
 * value, or "-".
 *
 * Commands on standard input, one a line: `reset` forgets the ages so far; `stat` prints one line of JSON:
 * connections that are watching and that were refused, bytes received, bytes in a whole part, and the sampled ages in
 * milliseconds. Ends when its standard input does.
 */
#define _GNU_SOURCE
#include "viewers.h"

enum { KEPT = 1 << 20 };

static struct { int sampled, stalled, answered, asked; size_t left; double stamp; } viewer[MAX];
static float ages[KEPT];
static size_t aged, part_size;
static uint64_t bytes;
static int watching, refused;

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void leave(int fd)
{
    if (viewer[fd].answered) watching--;
    else refused++;
    close(fd);
}

static double number_after(const char *head, const char *name)
{
    const char *at = strcasestr(head, name);
    return at ? atof(at + strlen(name)) : 0;
}

/* Take a head byte by byte exact, so that the body can be thrown away uncopied. Returns 0 when there is no whole head yet. */
static int take_head(int fd)
{
    char head[2048];
    ssize_t got = recv(fd, head, sizeof head - 1, MSG_PEEK);
    if (got <= 0) return got == 0 || errno != EAGAIN ? -1 : 0;
    head[got] = 0;
    char *end = strstr(head, "\r\n\r\n");
    if (!end) return 0;
    size_t length = (size_t)(end - head) + 4;
    *end = 0;
    if (recv(fd, head, length, MSG_TRUNC) != (ssize_t)length) return -1;
    bytes += length;
    viewer[fd].stamp = number_after(head, "X-Timestamp:");
    viewer[fd].left = viewer[fd].stamp ? (size_t)number_after(head, "Content-Length:") : 0;
    if (viewer[fd].left) part_size = length + viewer[fd].left;
    return 1;
}

static void take_sampled(int fd)
{
    for (;;) {
        if (!viewer[fd].left) {
            int taken = take_head(fd);
            if (taken < 0) leave(fd);
            if (taken <= 0) return;
            continue;
        }
        ssize_t got = recv(fd, NULL, viewer[fd].left, MSG_TRUNC);
        if (got == 0 || (got < 0 && errno != EAGAIN)) { leave(fd); return; }
        if (got < 0) return;
        bytes += (uint64_t)got;
        viewer[fd].left -= (size_t)got;
        if (!viewer[fd].left) {
            if (aged < KEPT) ages[aged++] = (float)(1000 * (now() - viewer[fd].stamp));
        }
    }
}

static void take(int fd)
{
    if (!viewer[fd].answered) {
        char status[13] = "";
        if (recv(fd, status, 12, MSG_PEEK) == 12 && !strstr(status, " 200")) { leave(fd); return; }
        viewer[fd].answered = 1;
        watching++;
        if (viewer[fd].stalled) { epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL); return; }
    }
    if (viewer[fd].sampled) { take_sampled(fd); return; }
    ssize_t got = recv(fd, NULL, 1 << 20, MSG_TRUNC);
    if (got == 0 || (got < 0 && errno != EAGAIN)) leave(fd);
    else if (got > 0) bytes += (uint64_t)got;
}

static void report(void)
{
    qsort(ages, aged, sizeof *ages, by_size);
    double last = aged ? (double)ages[aged - 1] : 0;
    printf("{\"watching\": %d, \"refused\": %d, \"bytes\": %llu, \"part_size\": %zu, \"ages\": %zu, \"p50\": %.3f, "
           "\"p99\": %.3f, \"max\": %.3f}\n", watching, refused, (unsigned long long)bytes, part_size, aged,
           aged ? (double)ages[aged / 2] : 0, aged ? (double)ages[aged * 99 / 100] : 0, last);
    fflush(stdout);
}

static int obey(void)
{
    char line[256];
    ssize_t got = read(0, line, sizeof line - 1);
    if (got <= 0) return 0;
    line[got] = 0;
    if (strstr(line, "reset")) aged = 0;
    if (strstr(line, "stat")) report();
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 7) { fprintf(stderr, "drain PORT PATH AUTHORIZATION VIEWERS SAMPLED STALLED\n"); return 2; }
    int wanted = atoi(argv[4]), sampled = atoi(argv[5]), stalled = atoi(argv[6]);
    prepare(argv[1], argv[2]);
    if (strcmp(argv[3], "-")) add_to_request("Authorization: ", argv[3], "");
    add_to_request("", "", "");

    int opened = 0, waiting = 0;
    for (;;) {
        /* At most 64 unanswered at once: a server greets its viewers as they come, not all in one moment. */
        for (; opened < wanted && waiting < 64; opened++, waiting++) {
            int fd = connect_one();
            memset(&viewer[fd], 0, sizeof viewer[fd]);
            /* Spread over all, for a server writes to its viewers in some order. */
            int readers = wanted - stalled;
            viewer[fd].sampled = sampled && opened < readers && opened % (readers / sampled) == 0;
            viewer[fd].stalled = opened >= wanted - stalled;
        }
        struct epoll_event ready[1024];
        int n = epoll_wait(epoll_fd, ready, 1024, -1);
        for (int i = 0; i < n; i++) {
            int fd = (int)ready[i].data.u32;
            if (fd == INPUT) { if (!obey()) return 0; continue; }
            if (!viewer[fd].asked && ready[i].events & EPOLLOUT) {
                viewer[fd].asked = 1;
                if (!ask(fd)) { leave(fd); waiting--; continue; }
                /* Edge-triggered where a part of a head may be left unread: it must not wake us again by itself. */
                watch(EPOLL_CTL_MOD, fd, viewer[fd].sampled ? EPOLLIN | EPOLLET : EPOLLIN, fd);
            }
            if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                int was = viewer[fd].answered;
                take(fd);
                if (!was) waiting--;
            }
        }
    }
}
