// SPDX-License-Identifier: GPL-2.0
/*
 * Asks and answers over TCP, UDP and ICMP, IPv4 and IPv6, much at a time: one
 * process says what a place on the network can reach.
 *
 *   peer serve TAG PROTO,ADDRESS,PORT[-LAST]...
 *	answers on all of these, "TAG CLIENT CLIENT-PORT PORT"; a TCP connection
 *	then sends back what it is sent. Prints "ready", then a line for each
 *	connection and datagram: "PROTO CLIENT CLIENT-PORT ADDRESS PORT".
 *   peer try [-w MS] NAME=PROTO,ADDRESS[,PORT[,SOURCE[,SOURCE-PORT]]]... [-]
 *	asks all of these at once ("-": more of them, one a line of standard
 *	input), and prints a line for each: "NAME yes ANSWER" or "NAME no WHY",
 *	where WHY is "timeout", "icmp TYPE.CODE ADDRESS", or an error's name
 *   peer hold PROTO,ADDRESS,PORT[,SOURCE[,SOURCE-PORT]]
 *	asks ten times a second in one session, and prints a line whenever that
 *	changes: "open ANSWER", "stalled", "flows", "closed WHY". At SIGUSR1 it
 *	ends the TCP connection by a FIN and waits for the other, at SIGHUP by a
 *	RST: "ended"
 *   peer stream tcp,ADDRESS,PORT BYTES [RATE]
 *	sends so much and reads it back: "whole BYTES", or else "cut BYTES" or
 *	"spoilt BYTES" with those that came back right. RATE: bytes a second at
 *	most; BYTES 0: until SIGTERM
 *
 * PROTO is tcp, udp or icmp; ADDRESS may end in %DEVICE. Times are multiplied
 * by $VNS_TIMEOUT_SCALE.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/errqueue.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX	4096
#define TEXT	160

union addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

enum state { IDLE, WAITING, DONE };

struct peer {
	int fd;
	int proto;
	bool listening;
	enum state state;
	union addr to, from;
	char name[64];
	char result[TEXT];
};

static struct peer peers[MAX];
static struct pollfd polls[MAX];
static int count;
static char buf[65536];

static void die(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static long scaled(long ms)
{
	const char *scale = getenv("VNS_TIMEOUT_SCALE");

	return ms * (scale ? atol(scale) : 1L);
}

static socklen_t addr_len(const union addr *a)
{
	return a->sa.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

static unsigned int addr_port(const union addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET ? a->in.sin_port :
						  a->in6.sin6_port);
}

static void addr_set_port(union addr *a, unsigned int port)
{
	if (a->sa.sa_family == AF_INET)
		a->in.sin_port = htons(port);
	else
		a->in6.sin6_port = htons(port);
}

static const char *addr_text(const union addr *a)
{
	static char text[2][INET6_ADDRSTRLEN];
	static int turn;

	turn ^= 1;
	if (a->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &a->in.sin_addr, text[turn],
			  sizeof(text[turn]));
	else
		inet_ntop(AF_INET6, &a->in6.sin6_addr, text[turn],
			  sizeof(text[turn]));
	return text[turn];
}

static void addr_parse(union addr *a, char *text)
{
	char *scope = strchr(text, '%');

	memset(a, 0, sizeof(*a));
	if (scope)
		*scope++ = 0;
	if (inet_pton(AF_INET, text, &a->in.sin_addr) == 1) {
		a->sa.sa_family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &a->in6.sin6_addr) == 1) {
		a->sa.sa_family = AF_INET6;
		if (scope)
			a->in6.sin6_scope_id = if_nametoindex(scope);
	} else {
		errno = EINVAL;
		die(text);
	}
}

static int proto_parse(const char *text)
{
	if (text && !strcmp(text, "tcp"))
		return IPPROTO_TCP;
	if (text && !strcmp(text, "udp"))
		return IPPROTO_UDP;
	if (text && !strcmp(text, "icmp"))
		return IPPROTO_ICMP;
	errno = EINVAL;
	die(text ? text : "no protocol");
	return 0;
}

static const char *proto_name(int proto)
{
	return proto == IPPROTO_TCP ? "tcp" : "udp";
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		die("setsockopt");
}

static struct peer *peer_new(void)
{
	if (count == MAX) {
		errno = E2BIG;
		die("peers");
	}
	memset(&peers[count], 0, sizeof(peers[count]));
	return &peers[count++];
}

/* PROTO,ADDRESS[,PORT[-LAST][,SOURCE[,SOURCE-PORT]]] */
static struct peer *peer_parse(char *spec, unsigned int *last)
{
	struct peer *p = peer_new();
	char *save, *port, *source, *sport;

	p->fd = -1;
	p->proto = proto_parse(strtok_r(spec, ",", &save));
	addr_parse(&p->to, strtok_r(NULL, ",", &save));
	port = strtok_r(NULL, ",", &save);
	source = strtok_r(NULL, ",", &save);
	sport = strtok_r(NULL, ",", &save);
	if (port && p->proto != IPPROTO_ICMP)
		addr_set_port(&p->to, atoi(port));
	if (last)
		*last = addr_port(&p->to);
	if (last && port && strchr(port, '-'))
		*last = atoi(strchr(port, '-') + 1);
	if (source)
		addr_parse(&p->from, source);
	if (sport)
		addr_set_port(&p->from, atoi(sport));
	return p;
}

static int peer_socket(const struct peer *p)
{
	int family = p->to.sa.sa_family, proto = p->proto, fd;
	int type = proto == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;

	if (proto == IPPROTO_ICMP) {
		type = SOCK_RAW;
		if (family == AF_INET6)
			proto = IPPROTO_ICMPV6;
	}
	fd = socket(family, type | SOCK_NONBLOCK, proto);
	if (fd < 0)
		die("socket");
	if (family == AF_INET6 && type != SOCK_RAW)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (type != SOCK_RAW)
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return fd;
}

/* ---------------------------------------------------------------- answering */

static void serve_open(char *spec)
{
	unsigned int last, port;
	struct peer *first = peer_parse(spec, &last), *p = first;

	for (port = addr_port(&first->to);; p = peer_new()) {
		if (p != first)
			*p = *first;
		addr_set_port(&p->to, port);
		p->fd = peer_socket(p);
		if (bind(p->fd, &p->to.sa, addr_len(&p->to)))
			die(addr_text(&p->to));
		p->listening = p->proto == IPPROTO_TCP;
		if (p->listening && listen(p->fd, 128))
			die("listen");
		if (port++ >= last)
			break;
	}
}

static int serve_banner(const char *tag, const struct peer *p, int fd,
			const union addr *client)
{
	socklen_t len = sizeof(union addr);
	union addr self = p->to;

	getsockname(fd, &self.sa, &len);
	printf("%s %s %u %s %u\n", proto_name(p->proto), addr_text(client),
	       addr_port(client), addr_text(&self), addr_port(&self));
	fflush(stdout);
	return snprintf(buf, sizeof(buf), "%s %s %u %u\n", tag,
			addr_text(client), addr_port(client),
			addr_port(&self));
}

static void serve_accept(const char *tag, int i)
{
	socklen_t len = sizeof(union addr);
	union addr client;
	struct peer *p;
	int fd, n;

	fd = accept4(peers[i].fd, &client.sa, &len, SOCK_NONBLOCK);
	if (fd < 0)
		return;
	n = serve_banner(tag, &peers[i], fd, &client);
	send(fd, buf, n, MSG_NOSIGNAL);
	p = peer_new();
	p->fd = fd;
	p->proto = IPPROTO_TCP;
}

/* All of it, however slow the other side reads */
static void serve_back(int fd, const char *data, ssize_t len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	while (len > 0 && poll(&pfd, 1, scaled(10000)) > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0) {
			data += n;
			len -= n;
		}
	}
}

static void serve_one(const char *tag, int i)
{
	socklen_t len = sizeof(union addr);
	struct peer *p = &peers[i];
	union addr client;
	ssize_t n;

	if (p->listening) {
		serve_accept(tag, i);
	} else if (p->proto == IPPROTO_UDP) {
		if (recvfrom(p->fd, buf, sizeof(buf), 0, &client.sa, &len) < 0)
			return;
		n = serve_banner(tag, p, p->fd, &client);
		sendto(p->fd, buf, n, 0, &client.sa, len);
	} else {
		n = recv(p->fd, buf, sizeof(buf), 0);
		if (n > 0) {
			serve_back(p->fd, buf, n);
		} else if (!n || errno != EAGAIN) {
			close(p->fd);
			*p = peers[--count];
		}
	}
}

static int serve(int argc, char **argv)
{
	int i;

	if (argc < 2)
		return 2;
	for (i = 1; i < argc; i++)
		serve_open(argv[i]);
	puts("ready");
	fflush(stdout);
	for (;;) {
		for (i = 0; i < count; i++) {
			polls[i].fd = peers[i].fd;
			polls[i].events = POLLIN;
		}
		if (poll(polls, count, -1) < 0)
			die("poll");
		/* from the end: what closes is replaced by the last one */
		for (i = count - 1; i >= 0; i--)
			if (polls[i].revents)
				serve_one(argv[0], i);
	}
}

/* ------------------------------------------------------------------- asking */

static void done(struct peer *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->result, sizeof(p->result), format, args);
	va_end(args);
	p->result[strcspn(p->result, "\n")] = 0;
	p->state = DONE;
	close(p->fd);
	p->fd = -1;
}

static void echo_request(struct peer *p)
{
	unsigned int id = p - peers + 1;

	if (p->to.sa.sa_family == AF_INET) {
		struct icmphdr *icmp = (void *)buf;
		unsigned int sum;

		memset(icmp, 0, sizeof(*icmp));
		icmp->type = ICMP_ECHO;
		icmp->un.echo.id = htons(getpid());
		icmp->un.echo.sequence = htons(id);
		sum = htons(ICMP_ECHO << 8) + icmp->un.echo.id +
		      icmp->un.echo.sequence;
		sum = (sum & 0xffff) + (sum >> 16);
		sum = (sum & 0xffff) + (sum >> 16);
		icmp->checksum = ~sum;
		send(p->fd, icmp, sizeof(*icmp), 0);
	} else {
		struct icmp6_hdr *icmp = (void *)buf;

		memset(icmp, 0, sizeof(*icmp));
		icmp->icmp6_type = ICMP6_ECHO_REQUEST;
		icmp->icmp6_id = htons(getpid());
		icmp->icmp6_seq = htons(id);
		send(p->fd, icmp, sizeof(*icmp), 0);
	}
}

/* Is what was received the answer to the echo request? */
static bool echo_reply(const struct peer *p, ssize_t n)
{
	unsigned int id = p - peers + 1, type, got, seq;

	if (p->to.sa.sa_family == AF_INET) {
		const struct icmphdr *icmp =
			(void *)(buf + (buf[0] & 15) * 4);

		if (n < (buf[0] & 15) * 4 + (ssize_t)sizeof(*icmp))
			return false;
		type = icmp->type == ICMP_ECHOREPLY;
		got = ntohs(icmp->un.echo.id);
		seq = ntohs(icmp->un.echo.sequence);
	} else {
		const struct icmp6_hdr *icmp = (void *)buf;

		if (n < (ssize_t)sizeof(*icmp))
			return false;
		type = icmp->icmp6_type == ICMP6_ECHO_REPLY;
		got = ntohs(icmp->icmp6_id);
		seq = ntohs(icmp->icmp6_seq);
	}
	return type && got == (getpid() & 0xffff) && seq == id;
}

static void ask(struct peer *p)
{
	bool in = p->to.sa.sa_family == AF_INET;

	p->fd = peer_socket(p);
	p->state = WAITING;
	set(p->fd, in ? IPPROTO_IP : IPPROTO_IPV6,
	    in ? IP_RECVERR : IPV6_RECVERR, 1);
	if (p->from.sa.sa_family &&
	    bind(p->fd, &p->from.sa, addr_len(&p->from))) {
		done(p, "no bind-%s", strerrorname_np(errno));
		return;
	}
	if (connect(p->fd, &p->to.sa, addr_len(&p->to)) &&
	    errno != EINPROGRESS) {
		done(p, "no %s", strerrorname_np(errno));
		return;
	}
	if (p->proto == IPPROTO_UDP)
		send(p->fd, "?\n", 2, 0);
	else if (p->proto == IPPROTO_ICMP)
		echo_request(p);
}

/* From the socket's error queue, or its pending error */
static void ask_error(struct peer *p)
{
	struct iovec iov = { buf, sizeof(buf) };
	char control[512];
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	socklen_t len = sizeof(int);
	struct cmsghdr *c;
	int error = 0;

	if (recvmsg(p->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
		for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
			struct sock_extended_err *err = (void *)CMSG_DATA(c);

			if (c->cmsg_type != IP_RECVERR &&
			    c->cmsg_type != IPV6_RECVERR)
				continue;
			if (err->ee_origin == SO_EE_ORIGIN_LOCAL)
				done(p, "no %s", strerrorname_np(err->ee_errno));
			else
				done(p, "no icmp %u.%u %s", err->ee_type,
				     err->ee_code,
				     addr_text((void *)SO_EE_OFFENDER(err)));
			return;
		}
	}
	getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		done(p, "no %s", strerrorname_np(error));
}

static void ask_event(struct peer *p, short events)
{
	ssize_t n;

	if (events & (POLLERR | POLLHUP))
		ask_error(p);
	if (p->state == DONE || !(events & (POLLIN | POLLHUP)))
		return;
	n = recv(p->fd, buf, sizeof(buf) - 1, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		done(p, "no %s", n ? strerrorname_np(errno) : "end");
	} else if (p->proto != IPPROTO_ICMP) {
		buf[n] = 0;
		done(p, "yes %s", buf);
	} else if (echo_reply(p, n)) {
		done(p, "yes");
	}
}

/* Until all have their answer or the time is up */
static void ask_wait(long end)
{
	int i, waiting;

	for (;;) {
		long left = end - now_ms();

		for (i = waiting = 0; i < count; i++) {
			polls[i].fd = peers[i].fd;
			polls[i].events = POLLIN;
			waiting += peers[i].state == WAITING;
		}
		if (!waiting || left <= 0 || poll(polls, count, left) <= 0)
			return;
		for (i = 0; i < count; i++)
			if (polls[i].revents && peers[i].state == WAITING)
				ask_event(&peers[i], polls[i].revents);
	}
}

static void try_add(char *word)
{
	char *spec = strchr(word, '=');
	struct peer *p;

	if (!spec) {
		errno = EINVAL;
		die(word);
	}
	*spec++ = 0;
	p = peer_parse(spec, NULL);
	snprintf(p->name, sizeof(p->name), "%s", word);
}

static int try(int argc, char **argv)
{
	long wait = 1500;
	char line[512];
	int i = 0;

	if (argc > 1 && !strcmp(argv[0], "-w")) {
		wait = atol(argv[1]);
		i = 2;
	}
	for (; i < argc; i++) {
		if (strcmp(argv[i], "-")) {
			try_add(argv[i]);
			continue;
		}
		while (fgets(line, sizeof(line), stdin)) {
			line[strcspn(line, "\n")] = 0;
			if (line[0])
				try_add(line);
		}
	}
	for (i = 0; i < count; i++)
		ask(&peers[i]);
	ask_wait(now_ms() + scaled(wait));
	for (i = 0; i < count; i++)
		printf("%s %s\n", peers[i].name, peers[i].state == DONE ?
		       peers[i].result : "no timeout");
	return 0;
}

/* ------------------------------------------------------------------ holding */

static void say(const char *what, const char *more)
{
	printf("%s%s%s\n", what, *more ? " " : "", more);
	fflush(stdout);
}

/* Blocked, the signals wait until they are asked for: 0, or which there is */
static int hold_signal(void)
{
	sigset_t set;

	sigpending(&set);
	if (sigismember(&set, SIGHUP))
		return SIGHUP;
	return sigismember(&set, SIGUSR1) ? SIGUSR1 : 0;
}

static int hold_end(struct peer *p)
{
	struct linger linger = { .l_onoff = 1 };
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };

	if (hold_signal() == SIGHUP) {
		if (setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &linger,
			       sizeof(linger)))
			die("setsockopt");
	} else {
		/* unread data would make it a RST */
		shutdown(p->fd, SHUT_WR);
		while (poll(&pfd, 1, scaled(5000)) > 0 &&
		       recv(p->fd, buf, sizeof(buf), 0) > 0)
			;
	}
	close(p->fd);
	say("ended", "");
	return 0;
}

/* A session that goes on once it is open */
static int hold_on(struct peer *p)
{
	long heard = now_ms();
	bool flows = true;
	ssize_t n;

	for (;;) {
		struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
		int error = 0;

		if (hold_signal())
			return hold_end(p);
		if (send(p->fd, "x\n", 2, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
			error = errno;
		usleep(100000);
		n = -1;
		while (!error && poll(&pfd, 1, 0) > 0) {
			n = recv(p->fd, buf, sizeof(buf), 0);
			if (n <= 0) {
				error = n ? errno : ESHUTDOWN;
				break;
			}
			heard = now_ms();
			if (!flows)
				say("flows", "");
			flows = true;
		}
		if (error && p->proto == IPPROTO_TCP) {
			say("closed", strerrorname_np(error));
			return 0;
		}
		if (flows && now_ms() - heard > scaled(1000)) {
			say("stalled", "");
			flows = false;
		}
	}
}

static int hold(int argc, char **argv)
{
	struct pollfd pfd = { .events = POLLIN };
	bool in;
	struct peer *p;
	sigset_t ends;
	ssize_t n;

	if (argc != 1)
		return 2;
	sigemptyset(&ends);
	sigaddset(&ends, SIGUSR1);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	p = peer_parse(argv[0], NULL);
	in = p->to.sa.sa_family == AF_INET;
	ask(p);
	if (p->state == DONE) {
		say("closed", p->result);
		return 1;
	}
	pfd.fd = p->fd;
	/* errors come as such from now on, not by a queue */
	set(p->fd, in ? IPPROTO_IP : IPPROTO_IPV6,
	    in ? IP_RECVERR : IPV6_RECVERR, 0);
	if (poll(&pfd, 1, scaled(5000)) <= 0) {
		say("closed", "timeout");
		return 1;
	}
	n = recv(p->fd, buf, sizeof(buf) - 1, 0);
	if (n <= 0) {
		say("closed", n ? strerrorname_np(errno) : "end");
		return 1;
	}
	buf[n] = 0;
	buf[strcspn(buf, "\n")] = 0;
	say("open", buf);
	return hold_on(p);
}

/* ---------------------------------------------------------------- streaming */

/* The byte at a place of the stream */
static char stream_byte(long at)
{
	return at * 167 + (at >> 8);
}

static int stream_end(const char *what, long bytes)
{
	printf("%s %ld\n", what, bytes);
	return strcmp(what, "whole");
}

/* Blocked, the signal waits until it is asked for */
static bool stream_ends(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGTERM);
}

/* Sends what the rate allows by now; returns how much that was */
static long stream_send(int fd, long sent, long until)
{
	static char out[16384];
	long i, n = until - sent;

	if (n > (long)sizeof(out))
		n = sizeof(out);
	for (i = 0; i < n; i++)
		out[i] = stream_byte(sent + i);
	n = n > 0 ? send(fd, out, n, MSG_NOSIGNAL) : 0;
	return n > 0 ? n : 0;
}

/* Compares what came; returns 1 when all was right, 0 when not, -1 at the end */
static int stream_receive(int fd, bool *banner, long *came)
{
	ssize_t i, n = recv(fd, buf, sizeof(buf), 0);

	if (n < 0 && errno == EAGAIN)
		return 1;
	if (n <= 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (*banner)
			*banner = buf[i] != '\n';
		else if (buf[i] != stream_byte((*came)++))
			return 0;
	}
	return 1;
}

static int stream(int argc, char **argv)
{
	long bytes, rate, sent = 0, came = 0, start, heard, until;
	struct pollfd pfd = { };
	bool banner = true;
	struct peer *p;
	sigset_t term;
	int ret = 1;

	if (argc < 2)
		return 2;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	p = peer_parse(argv[0], NULL);
	bytes = atol(argv[1]);
	if (!bytes)
		bytes = LONG_MAX;
	rate = argc > 2 ? atol(argv[2]) : 0;
	ask(p);
	start = now_ms();
	heard = start;
	while (ret == 1 && p->state != DONE && came < bytes) {
		until = bytes;
		if (rate && rate * (now_ms() - start) / 1000 < bytes)
			until = rate * (now_ms() - start) / 1000;
		if (stream_ends()) {
			until = sent;
			bytes = sent;
		}
		pfd.fd = p->fd;
		pfd.events = POLLIN | (sent < until ? POLLOUT : 0);
		pfd.revents = 0;
		if (poll(&pfd, 1, 20) <= 0) {
			if (came < sent && now_ms() - heard > scaled(10000))
				return stream_end("cut", came);
			if (came == sent)
				heard = now_ms();
			continue;
		}
		if (pfd.revents & POLLOUT)
			sent += stream_send(p->fd, sent, until);
		if (pfd.revents & (POLLIN | POLLERR | POLLHUP)) {
			ret = stream_receive(p->fd, &banner, &came);
			heard = now_ms();
		}
	}
	if (!ret)
		return stream_end("spoilt", came - 1);
	return stream_end(came == bytes ? "whole" : "cut", came);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct rlimit files = { MAX + 16, MAX + 16 };

	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(verb, "serve") && argc > 3)
		return serve(argc - 2, argv + 2);
	if (!strcmp(verb, "try"))
		return try(argc - 2, argv + 2);
	if (!strcmp(verb, "hold"))
		return hold(argc - 2, argv + 2);
	if (!strcmp(verb, "stream"))
		return stream(argc - 2, argv + 2);
	fprintf(stderr, "usage: peer serve|try|hold|stream ...\n");
	return 2;
}
