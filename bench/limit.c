/* The limit: a server that does nothing but the writes of the fan-out.
 *
 *   limit RATE SIZE SNDBUF LOWAT
 *
 * Listens on a port of 127.0.0.1 that the kernel chooses and prints it. Answers every connection with the response head of
 * live.mjpg, then writes one part of SIZE bytes to each, RATE times a second, straight from one shared buffer. A connection
 * that has not taken the part before is skipped (latest wins), like in the server this is compared with. SNDBUF and LOWAT
 * are SO_SNDBUF and TCP_NOTSENT_LOWAT in bytes; 0 leaves the kernel's default. Ends when its standard input does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX = 65536, LISTENER = MAX, TIMER = MAX + 1, INPUT = MAX + 2 };

static struct { int asked; const char *rest; size_t left; } viewer[MAX];
static int viewers[MAX], count, epoll_fd;
static char *part;
static size_t part_size;

static void die(const char *what) { perror(what); exit(1); }

static void watch(int operation, int fd, uint32_t events, int key)
{
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)key};
    if (epoll_ctl(epoll_fd, operation, fd, &event) < 0) die("epoll_ctl");
}

static void leave(int fd)
{
    for (int i = 0; i < count; i++)
        if (viewers[i] == fd) { viewers[i] = viewers[--count]; break; }
    close(fd);
}

/* Write what is left for fd; keep the rest for when the socket drains. */
static void send_rest(int fd, int waiting)
{
    ssize_t sent = write(fd, viewer[fd].rest, viewer[fd].left);
    if (sent < 0 && errno != EAGAIN) { leave(fd); return; }
    if (sent > 0) { viewer[fd].rest += sent; viewer[fd].left -= (size_t)sent; }
    if (viewer[fd].left && !waiting) watch(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT, fd);
    if (!viewer[fd].left && waiting) watch(EPOLL_CTL_MOD, fd, EPOLLIN, fd);
}

static void publish(void)
{
    static unsigned long sequence;
    struct timespec now;
    char head[256];
    clock_gettime(CLOCK_REALTIME, &now);
    int length = snprintf(head, sizeof head,
        "Content-Type: image/jpeg\r\nContent-Length: %08zu\r\nX-Camera: limit\r\n"
        "X-Timestamp: %010ld.%06ld\r\nX-Sequence: %010lu\r\nX-State: live\r\n\r\n",
        part_size, (long)now.tv_sec, now.tv_nsec / 1000, ++sequence);
    memcpy(part, head, (size_t)length);
    const char *end = "\r\n--frame\r\n";
    memcpy(part + length + part_size, end, strlen(end));
    size_t whole = (size_t)length + part_size + strlen(end);
    for (int i = count; i-- > 0;) {
        int fd = viewers[i];
        if (viewer[fd].left) continue;
        viewer[fd].rest = part;
        viewer[fd].left = whole;
        send_rest(fd, 0);
    }
}

static void greet(int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\ncontent-type: multipart/x-mixed-replace;boundary=frame\r\n"
                               "connection: close\r\n\r\n--frame\r\n";
    char request[4096];
    ssize_t got = read(fd, request, sizeof request);
    if (got == 0 || (got < 0 && errno != EAGAIN)) { leave(fd); return; }
    if (got < 0 || viewer[fd].asked) return;
    viewer[fd].asked = 1;
    if (write(fd, head, sizeof head - 1) < 0) die("write");
    viewers[count++] = fd;
}

static void take(int listener, int sndbuf, int lowat)
{
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        int on = 1;
        if (fd >= MAX) { close(fd); continue; }
        memset(&viewer[fd], 0, sizeof viewer[fd]);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (sndbuf) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof sndbuf);
        if (lowat) setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof lowat);
        watch(EPOLL_CTL_ADD, fd, EPOLLIN, fd);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) { fprintf(stderr, "limit RATE SIZE SNDBUF LOWAT\n"); return 2; }
    double rate = atof(argv[1]);
    part_size = (size_t)atol(argv[2]);
    int sndbuf = atoi(argv[3]), lowat = atoi(argv[4]);
    part = malloc(part_size + 512);
    memset(part, 'x', part_size + 512);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4096) < 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);

    long period = (long)(1e9 / rate);
    struct itimerspec every = {{period / 1000000000, period % 1000000000}, {period / 1000000000, period % 1000000000}};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    timerfd_settime(timer, 0, &every, NULL);
    epoll_fd = epoll_create1(0);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN, LISTENER);
    watch(EPOLL_CTL_ADD, timer, EPOLLIN, TIMER);
    watch(EPOLL_CTL_ADD, 0, EPOLLIN, INPUT);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    for (;;) {
        struct epoll_event ready[1024];
        int n = epoll_wait(epoll_fd, ready, 1024, -1);
        for (int i = 0; i < n; i++) {
            int key = (int)ready[i].data.u32;
            uint64_t ticks;
            char byte;
            if (key == INPUT) { if (read(0, &byte, 1) <= 0) return 0; }
            else if (key == LISTENER) take(listener, sndbuf, lowat);
            else if (key == TIMER) { if (read(timer, &ticks, sizeof ticks) == sizeof ticks) publish(); }
            else if (ready[i].events & (EPOLLHUP | EPOLLERR)) leave(key);
            else {
                if (ready[i].events & EPOLLIN) greet(key);
                if (ready[i].events & EPOLLOUT) send_rest(key, 1);
            }
        }
    }
}
