// SPDX-License-Identifier: GPL-2.0
/*
 * TCP transfers and connections, of which the cost is measured.
 *
 *   stream serve ADDR PORT		answers the following
 *   stream out ADDR PORT BYTES		sends; prints the seconds that it took
 *   stream in ADDR PORT BYTES		receives, likewise
 *   stream connect ADDR PORT SECONDS	opens and closes connections, one after
 *					the other; prints how many a second
 *   stream count COMMAND...		runs it; prints how many instructions the
 *					machine has executed meanwhile (under QEMU
 *					-icount shift=0), idle time left out
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a client asks for, with how much. */
struct request {
	__u64 what;		/* 'o', 'i' or 'c' */
	__u64 bytes;
};

static char buffer[1 << 17];

static void die(const char *what)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static struct sockaddr_in address(char **argv)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = inet_addr(argv[0]),
		.sin_port = htons(atoi(argv[1])),
	};
}

static void give(int fd, __u64 bytes)
{
	ssize_t len;

	while (bytes) {
		len = write(fd, buffer, bytes < sizeof(buffer) ?
			    bytes : sizeof(buffer));
		if (len <= 0)
			die("write");
		bytes -= len;
	}
}

static void take(int fd, __u64 bytes)
{
	ssize_t len;

	while (bytes) {
		len = read(fd, buffer, bytes < sizeof(buffer) ?
			   bytes : sizeof(buffer));
		if (len <= 0)
			die("read");
		bytes -= len;
	}
}

static void serve(char **argv)
{
	struct sockaddr_in addr = address(argv);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, client;
	struct request request;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&addr, sizeof(addr)) || listen(fd, 128))
		die("listen");
	for (;;) {
		client = accept(fd, NULL, NULL);
		if (client < 0)
			die("accept");
		if (read(client, &request, sizeof(request)) !=
		    sizeof(request)) {
			close(client);
			continue;
		}
		if (request.what == 'o') {
			take(client, request.bytes);
			give(client, 1);
		} else if (request.what == 'i') {
			give(client, request.bytes);
		} else {
			give(client, 1);
		}
		close(client);
	}
}

static int ask(const struct sockaddr_in *addr, __u64 what, __u64 bytes)
{
	struct request request = { .what = what, .bytes = bytes };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (const void *)addr, sizeof(*addr)) ||
	    write(fd, &request, sizeof(request)) != sizeof(request))
		die("connect");
	return fd;
}

static int transfer(bool out, char **argv)
{
	struct sockaddr_in addr = address(argv);
	__u64 bytes = strtoull(argv[2], NULL, 0);
	double start = seconds();
	int fd = ask(&addr, out ? 'o' : 'i', bytes);

	if (out) {
		give(fd, bytes);
		bytes = 1;	/* the other side has all */
	}
	take(fd, bytes);
	printf("%.6f\n", seconds() - start);
	return 0;
}

static int connections(char **argv)
{
	struct sockaddr_in addr = address(argv);
	/* no port is kept for minutes */
	struct linger reset = { .l_onoff = 1 };
	double start = seconds(), limit = atof(argv[2]);
	unsigned long n = 0;
	int fd;

	while (seconds() - start < limit) {
		fd = ask(&addr, 'c', 0);
		take(fd, 1);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
		n++;
	}
	printf("%.1f\n", n / (seconds() - start));
	return 0;
}

/* Runs whenever nothing else does: the machine is never idle. */
static pid_t spin(void)
{
	struct sched_param param = { };
	pid_t pid = fork();

	if (pid)
		return pid;
	if (sched_setscheduler(0, SCHED_IDLE, &param))
		die("sched_setscheduler");
	for (;;)
		asm volatile("");
}

static int count(char **argv)
{
	struct rusage usage;
	pid_t spinner, child;
	__u64 cost;
	int status;

	spinner = spin();
	cost = __builtin_ia32_rdtsc();
	child = fork();
	if (!child) {
		execvp(*argv, argv);
		die(*argv);
	}
	if (waitpid(child, &status, 0) != child || status)
		die("the command failed");
	cost = __builtin_ia32_rdtsc() - cost;
	kill(spinner, SIGKILL);
	if (wait4(spinner, NULL, 0, &usage) != spinner)
		die("wait");
	/* a nanosecond is an instruction */
	cost -= (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
		1000000000ull +
		(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000ull;
	printf("%llu\n", cost);
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 3 && !strcmp(argv[1], "serve"))
		serve(argv + 2);
	if (argc > 4 && !strcmp(argv[1], "out"))
		return transfer(true, argv + 2);
	if (argc > 4 && !strcmp(argv[1], "in"))
		return transfer(false, argv + 2);
	if (argc > 4 && !strcmp(argv[1], "connect"))
		return connections(argv + 2);
	if (argc > 2 && !strcmp(argv[1], "count"))
		return count(argv + 2);
	fprintf(stderr, "usage: stream serve|out|in|connect|count ...\n");
	return 2;
}
