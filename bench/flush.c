/* The limit of taking photos in: their bytes to the disk, and nothing else.
 *
 *   flush SOURCE TARGET THREADS
 *
 * Reads every file of the folder SOURCE into memory, then writes each of them into the folder TARGET from THREADS
 * threads at once: create, write, fsync, close. Prints one line of JSON: files, bytes, and the seconds the writing
 * took. Ends when its standard input does.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 100000 };

static struct { char *bytes; size_t size; } file[MOST];
static int files, next_file, target;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void read_one(int folder, const char *name)
{
    struct stat about;
    int fd = openat(folder, name, O_RDONLY);
    if (fd < 0 || fstat(fd, &about) < 0) fail(name);
    file[files].size = (size_t)about.st_size;
    file[files].bytes = malloc(file[files].size);
    if (!file[files].bytes || read(fd, file[files].bytes, file[files].size) != about.st_size) fail(name);
    close(fd);
    files++;
}

static void write_one(int number)
{
    char name[32];
    snprintf(name, sizeof name, "%d", number);
    int fd = openat(target, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) fail("open");
    for (size_t done = 0; done < file[number].size;) {
        ssize_t sent = write(fd, file[number].bytes + done, file[number].size - done);
        if (sent < 0) fail("write");
        done += (size_t)sent;
    }
    if (fsync(fd) < 0) fail("fsync");
    close(fd);
}

static void *work(void *unused)
{
    for (int number; (number = __atomic_fetch_add(&next_file, 1, __ATOMIC_RELAXED)) < files;) write_one(number);
    return unused;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 4) { fprintf(stderr, "flush SOURCE TARGET THREADS\n"); return 2; }
    DIR *source = opendir(argv[1]);
    target = open(argv[2], O_RDONLY | O_DIRECTORY);
    if (!source || target < 0) fail(source ? argv[2] : argv[1]);
    for (struct dirent *entry; files < MOST && (entry = readdir(source));)
        if (entry->d_type == DT_REG) read_one(dirfd(source), entry->d_name);
    size_t bytes = 0;
    for (int number = 0; number < files; number++) bytes += file[number].size;

    int threads = atoi(argv[3]);
    pthread_t thread[threads];
    double began = now();
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, work, NULL)) fail("pthread_create");
    for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    printf("{\"files\": %d, \"bytes\": %zu, \"seconds\": %.6f}\n", files, bytes, now() - began);
    fflush(stdout);
    while (getchar() != EOF) {}
    return 0;
}
