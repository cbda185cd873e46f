/* What the load clients share: a clock, epoll, and many connections to 127.0.0.1 that each ask for one path. */
#ifndef VIEWERS_H
#define VIEWERS_H
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX = 65536, INPUT = MAX };

static int epoll_fd;
static char request[4096];
static size_t request_size;
static struct sockaddr_in address;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void watch(int operation, int fd, uint32_t events, int key)
{
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)key};
    if (epoll_ctl(epoll_fd, operation, fd, &event) < 0) { perror("epoll_ctl"); exit(1); }
}

static void add_to_request(const char *before, const char *text, const char *after)
{
    size_t room = sizeof request - request_size;
    int size = snprintf(request + request_size, room, "%s%s%s\r\n", before, text, after);
    if (size < 0 || (size_t)size >= room) { fprintf(stderr, "the request is too long\n"); exit(1); }
    request_size += (size_t)size;
}

/* As many files as the system allows; an epoll that also listens to standard input; the request but for its headers. */
static void prepare(const char *port, const char *path)
{
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    epoll_fd = epoll_create1(0);
    watch(EPOLL_CTL_ADD, 0, EPOLLIN, INPUT);
    add_to_request("GET ", path, " HTTP/1.1");
    add_to_request("Host: 127.0.0.1:", port, "");
}

/* Begin to connect; the socket becomes writable when it has. */
static int connect_one(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || fd >= MAX) { perror("socket"); exit(1); }
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) { perror("connect"); exit(1); }
    watch(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT, fd);
    return fd;
}

/* Whether the whole request went out. */
static int ask(int fd)
{
    return write(fd, request, request_size) == (ssize_t)request_size;
}

#endif
