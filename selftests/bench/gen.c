// SPDX-License-Identifier: GPL-2.0
/*
 * Writes frames into one device, reads them from another, and says what one
 * costs the machine in between: the time-stamp counter, which counts
 * instructions where QEMU runs with -icount shift=0, over a batch of writes.
 *
 *   gen open FD NAME		FD, an open /dev/net/tun, becomes the tap NAME;
 *				without NAME, FD is a /dev/tapN
 *   gen KEY=VALUE...		measures
 *
 * Side a is the VM's, side b that of the far end:
 *
 *   a= b=	FD,DEV,tx|rx: a tap, and the counter that goes up when a frame
 *		reaches it; "packet,DEV,tx|rx" a packet socket on a device
 *   amac= bmac=	its own MAC address
 *   agw= bgw=	the MAC address that it sends to, and hears from
 *   from=	a or b: who begins
 *   src= dst= sport= dport=	the first connection; others count up from it
 *   see=	source address that the other side must see (default: src)
 *   to= toport=	where the other side must see it go (default: dst, dport)
 *   ttl=	1: a router is on the way
 *   proto= len= gso= csum=	udp|tcp; bytes; segment size; none|partial: as guests
 *		do who leave it to the device
 *   flows=	how many connections
 *   chunk=	frames that are written before the sink is read, which is not
 *		measured; one that holds many makes the next ones dearer, since
 *		they need fresh memory, and loses some when its queue is full
 *   chunks= batches=	the result is the median of batches of so many chunks
 *   dirs=	a, b, ab: whose frames are measured; a first= is one of them
 *   first=1	each frame measured is the first one of a connection
 *   prime=0	no connection is made before; frames go one way only
 *   sink=none	none arrives
 *   mark=1	tell profile.c when to count
 *
 * Each frame must arrive, in its order, with the addresses, TTL and checksums
 * that it should have; else the exit code is 1. Prints a line for each
 * direction: "a FRAMES LENGTH MEDIAN LEAST MOST", the last three over
 * batches, in instructions a frame; or "a lost WHY".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "packet.h"

#define TTL	64
/* Connections from or to one address; then the next one is taken. */
#define PORTS	50000

struct side {
	int fd;
	char dev[IFNAMSIZ];
	char counter[3];		/* "tx" or "rx" */
	__u8 mac[ETH_ALEN], gate[ETH_ALEN];
};

struct flow {
	struct tuple sent[2];		/* as each side writes it */
	__u32 seq[2];
	bool known;			/* sent[] of the one who did not begin */
};

static struct side sides[2];
static struct shape shape = { .proto = IPPROTO_UDP, .len = 60 };
static struct tuple first = { .sport = 2000, .dport = 9 };
static struct address see, to;
static const struct address none;
static bool sink = true, prime = true, once, mark;
static unsigned int to_port, hops, from, flows = 1;
static unsigned int chunk = 16, chunks = 6, batches = 31;
static const char *dirs = "a";

static struct flow *flow;
static unsigned char *slots, *in;
static size_t slot_len;
static unsigned int *chosen;		/* the flows of a chunk */
static __u32 serial;
static unsigned long foreign;		/* frames that are not ours */

static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("gen: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

/* Under -icount, of one instruction a unit. */
static __u64 now(void)
{
	return __builtin_ia32_rdtsc();
}

/*
 * What profile.c looks for in the instructions that run: no-ops that say
 * where it is to begin and to end.
 */
static void mark_begin(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, 0x01, 0x73, 0x6e, 0x76");
}

static void mark_end(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, 0x00, 0x73, 0x6e, 0x76");
}

/* --- devices --------------------------------------------------------------- */

static int open_tap(int fd, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };

	if (name)
		strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &ifr) ||
	    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6))
		die("%s: %s", name ? name : "tap", strerror(errno));
	return 0;
}

static int open_packet(const char *dev)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1, size = 64 << 20;

	if (fd < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		       sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (void *)&addr, sizeof(addr)))
		die("packet socket on %s: %s", dev, strerror(errno));
	return fd;
}

static unsigned long counter(const struct side *side, const char *what)
{
	char path[128], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s_%s",
		 side->dev, side->counter, what);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		die("%s: %s", path, strerror(errno));
	close(fd);
	return strtoul(text, NULL, 10);
}

/* --- frames ---------------------------------------------------------------- */

static struct address address_add(struct address address, unsigned int n)
{
	__u8 *last = address.byte + (shape.ipv6 ? 15 : 3);

	*last += n;
	return address;
}

static struct tuple tuple_swap(const struct tuple *tuple)
{
	return (struct tuple){ .src = tuple->dst, .dst = tuple->src,
			       .sport = tuple->dport, .dport = tuple->sport };
}

static bool address_is(const struct address *a, const struct address *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool tuple_is(const struct tuple *a, const struct tuple *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void flow_init(struct flow *f, unsigned int n)
{
	struct tuple *tuple = &f->sent[from];

	memset(f, 0, sizeof(*f));
	*tuple = first;
	tuple->sport += n % PORTS;
	/* addresses of the far end's, whoever begins */
	if (from == 0)
		tuple->dst = address_add(tuple->dst, n / PORTS);
	else
		tuple->src = address_add(tuple->src, n / PORTS);
	f->seq[0] = 1000;
	f->seq[1] = 5000;
}

/* Returns the length of frame @slot, which side @s is to write for a flow. */
static size_t make(unsigned int slot, unsigned int s, struct flow *f,
		   __u8 flags)
{
	struct packet packet = {
		.tuple = f->sent[s],
		.ttl = TTL,
		.flags = flags,
		.seq = f->seq[s],
		.ack = flags & TH_ACK ? f->seq[!s] : 0,
		.serial = serial + slot,
	};
	size_t len;

	memcpy(packet.link.src, sides[s].mac, ETH_ALEN);
	memcpy(packet.link.dst, sides[s].gate, ETH_ALEN);
	len = packet_build(slots + slot * slot_len, &shape, &packet);
	f->seq[s] += flags & TH_SYN ? 1 : packet_payload(&shape);
	return len;
}

/* The first frame of a connection that arrives, which shows what became of it. */
static const char *learn(struct flow *f, const struct packet *packet)
{
	const struct tuple *sent = &f->sent[from], *seen = &packet->tuple;
	bool same_src = address_is(&see, &none);
	bool same_dst = address_is(&to, &none);

	if (!address_is(&seen->src, same_src ? &sent->src : &see))
		return "source address";
	if (same_src && seen->sport != sent->sport)
		return "source port";
	if (!address_is(&seen->dst, same_dst ? &sent->dst : &to))
		return "destination address";
	if (seen->dport != (to_port ? to_port : sent->dport))
		return "destination port";

	f->sent[!from] = tuple_swap(seen);
	f->known = true;
	return NULL;
}

/* Is what side !@s has read what side @s wrote for a flow? */
static const char *compare(unsigned int s, struct flow *f, __u32 number,
			   const struct packet *packet)
{
	struct tuple wanted;

	if (memcmp(packet->link.dst, sides[!s].mac, ETH_ALEN))
		return "destination MAC";
	if (memcmp(packet->link.src, sides[!s].gate, ETH_ALEN))
		return "source MAC";
	if (packet->ttl != TTL - hops)
		return "TTL";
	if (!(packet->flags & TH_SYN) && packet->serial != number)
		return "order";
	if (!f->known)
		return learn(f, packet);

	wanted = tuple_swap(&f->sent[!s]);
	return tuple_is(&packet->tuple, &wanted) ? NULL : "addresses";
}

/* Waits up to @ms for a frame; returns its length, 0 when there is none. */
static size_t take(struct side *side, int ms)
{
	struct pollfd pfd = { .fd = side->fd, .events = POLLIN };
	ssize_t len;

	for (;;) {
		len = read(side->fd, in, PACKET_MAX);
		if (len > 0)
			return len;
		if (!ms || poll(&pfd, 1, ms) <= 0)
			return 0;
	}
}

/* Reads what side @s has written for the first @n of chosen flows. */
static const char *drain(unsigned int s, unsigned int n, int ms)
{
	static char text[96];
	const char *wrong = NULL;
	struct packet packet;
	unsigned int i = 0;
	size_t len;

	while ((len = take(&sides[!s], i < n ? ms : 0))) {
		if (!packet_ours(in, len, &shape)) {
			foreign++;
			continue;
		}
		wrong = i == n ? "one too many" :
			packet_parse(in, len, &shape, &packet);
		if (!wrong)
			wrong = compare(s, &flow[chosen[i]], serial + i,
					&packet);
		if (wrong) {
			snprintf(text, sizeof(text), "frame %u of %u: %s", i, n,
				 wrong);
			return text;
		}
		i++;
	}
	if (i == n)
		return NULL;
	snprintf(text, sizeof(text), "%u of %u frames arrived", i, n);
	return text;
}

static void write_all(const struct side *side, unsigned int n,
		      const size_t *len)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (write(side->fd, slots + i * slot_len, len[i]) < 0)
			die("write to %s: %s", side->dev, strerror(errno));
	}
}

/*
 * Side @s writes a frame for each of @n chosen flows. With @cost, what that
 * took is added there, and all must have arrived by then.
 */
static const char *exchange(unsigned int s, unsigned int n, __u8 flags,
			    __u64 *cost)
{
	static size_t *len;
	const char *wrong;
	unsigned int i;
	__u64 start;

	if (!len)
		len = calloc(chunk, sizeof(*len));
	for (i = 0; i < n; i++)
		len[i] = make(i, s, &flow[chosen[i]], flags);

	start = now();
	if (cost && mark)
		mark_begin();
	write_all(&sides[s], n, len);
	if (cost && mark)
		mark_end();
	start = now() - start;
	if (cost)
		*cost += start;

	wrong = sink ? drain(s, n, cost ? 0 : 1000) : NULL;
	serial += n;
	return wrong;
}

/* --- connections ----------------------------------------------------------- */

/* All flows, a chunk at a time, with the same kind of frame. */
static const char *everywhere(unsigned int s, __u8 flags)
{
	const char *wrong = NULL;
	unsigned int i, n;

	for (i = 0; i < flows && !wrong; i += n) {
		for (n = 0; n < chunk && i + n < flows; n++)
			chosen[n] = i + n;
		wrong = exchange(s, n, flags, NULL);
	}
	return wrong;
}

/* Connections are made, both sides have spoken, more than two seconds ago. */
static const char *establish(void)
{
	const __u8 data = TH_ACK | TH_PUSH;
	const struct {
		bool tcp, reply;
		__u8 flags;
	} steps[] = {
		{ true, false, TH_SYN },
		{ true, true, TH_SYN | TH_ACK },
		{ true, false, TH_ACK },
		{ false, false, data },
		{ false, true, data },
		{ false, false, data },
		{ false, true, data },
	};
	const size_t last = sizeof(steps) / sizeof(*steps) - 1;
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i <= last && !wrong; i++) {
		if (steps[i].tcp && shape.proto != IPPROTO_TCP)
			continue;
		if (i == last - 1)
			poll(NULL, 0, 2100);
		wrong = everywhere(steps[i].reply ? !from : from,
				   steps[i].flags);
	}
	return wrong;
}

/* One connection that does not count: switches learn who is where. */
static const char *warm_up(void)
{
	chosen[0] = flows - 1;
	return exchange(from, 1, TH_SYN, NULL);
}

static int compare_cost(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The next flow to get a frame: spread over all, or one that is new. */
static unsigned int choose(void)
{
	static unsigned int last;

	if (once)
		return last++;
	last = (last + 7919) % flows;
	return last;
}

/* Prints the line of a direction; returns false when frames were lost. */
static bool measure(unsigned int s)
{
	__u8 flags = once ? TH_SYN : TH_ACK | TH_PUSH;
	__u64 *cost = calloc(batches, sizeof(*cost));
	struct side *to_side = &sides[!s];
	unsigned long packets = 0, drops = 0;
	unsigned int total = batches * chunks * chunk, i, n;
	double batch = chunks * chunk;
	const char *wrong = NULL;

	foreign = 0;
	if (sink) {
		packets = counter(to_side, "packets");
		drops = counter(to_side, "dropped");
	}
	for (i = 0; i < batches * chunks && !wrong; i++) {
		for (n = 0; n < chunk; n++)
			chosen[n] = choose();
		wrong = exchange(s, chunk, flags, &cost[i / chunks]);
	}
	if (!wrong && sink) {
		packets = counter(to_side, "packets") - packets - foreign;
		drops = counter(to_side, "dropped") - drops;
		if (packets != total)
			wrong = "the sink's counter differs";
		else if (drops)
			wrong = "the sink dropped frames";
	}
	if (wrong) {
		printf("%c lost %s\n", 'a' + s, wrong);
		return false;
	}

	qsort(cost, batches, sizeof(*cost), compare_cost);
	printf("%c %u %zu %.0f %.0f %.0f\n", 'a' + s, total, shape.len,
	       cost[batches / 2] / batch, cost[0] / batch,
	       cost[batches - 1] / batch);
	free(cost);
	return true;
}

/* --- options --------------------------------------------------------------- */

static void parse_side(struct side *side, const char *value)
{
	char name[16];

	if (sscanf(value, "%15[^,],%15[^,],%2[tr]", name, side->dev,
		   side->counter) < 2)
		die("not FD,DEV,tx|rx: %s", value);
	strcat(side->counter, "x");
	side->counter[2] = 0;
	if (!strcmp(name, "packet"))
		side->fd = open_packet(side->dev);
	else
		side->fd = atoi(name);
	if (fcntl(side->fd, F_SETFL,
		  fcntl(side->fd, F_GETFL) | O_NONBLOCK) < 0)
		die("%s: %s", value, strerror(errno));
}

static void parse_mac(__u8 *mac, const char *value)
{
	if (!ether_aton_r(value, (void *)mac))
		die("not a MAC address: %s", value);
}

static struct address parse_address(const char *value)
{
	struct address address = { };

	shape.ipv6 = strchr(value, ':');
	if (inet_pton(shape.ipv6 ? AF_INET6 : AF_INET, value, &address) != 1)
		die("not an address: %s", value);
	return address;
}

static void parse_shape(const char *key, const char *value)
{
	if (!strcmp(key, "proto"))
		shape.proto = !strcmp(value, "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
	else if (!strcmp(key, "len"))
		shape.len = atoi(value);
	else if (!strcmp(key, "gso"))
		shape.gso = atoi(value);
	else if (strcmp(key, "csum"))
		die("no such key: %s", key);
	else
		shape.partial = !strcmp(value, "partial");
}

static bool parse_number(const char *key, const char *value)
{
	unsigned int n = strtoul(value, NULL, 0);

	if (!strcmp(key, "sport"))
		first.sport = n;
	else if (!strcmp(key, "dport"))
		first.dport = n;
	else if (!strcmp(key, "toport"))
		to_port = n;
	else if (!strcmp(key, "ttl"))
		hops = n;
	else if (!strcmp(key, "flows"))
		flows = n;
	else if (!strcmp(key, "chunk"))
		chunk = n;
	else if (!strcmp(key, "chunks"))
		chunks = n;
	else if (!strcmp(key, "batches"))
		batches = n;
	else if (!strcmp(key, "first"))
		once = n;
	else if (!strcmp(key, "prime"))
		prime = n;
	else if (!strcmp(key, "mark"))
		mark = n;
	else
		return false;
	return true;
}

static void parse(char *arg)
{
	char *value = strchr(arg, '=');

	if (!value)
		die("not KEY=VALUE: %s", arg);
	*value++ = 0;

	if (!strcmp(arg, "a") || !strcmp(arg, "b"))
		parse_side(&sides[*arg - 'a'], value);
	else if (!strcmp(arg, "amac") || !strcmp(arg, "bmac"))
		parse_mac(sides[*arg - 'a'].mac, value);
	else if (!strcmp(arg, "agw") || !strcmp(arg, "bgw"))
		parse_mac(sides[*arg - 'a'].gate, value);
	else if (!strcmp(arg, "from"))
		from = *value == 'b';
	else if (!strcmp(arg, "src"))
		first.src = parse_address(value);
	else if (!strcmp(arg, "dst"))
		first.dst = parse_address(value);
	else if (!strcmp(arg, "see"))
		see = parse_address(value);
	else if (!strcmp(arg, "to"))
		to = parse_address(value);
	else if (!strcmp(arg, "sink"))
		sink = strcmp(value, "none");
	else if (!strcmp(arg, "dirs"))
		dirs = value;
	else if (!parse_number(arg, value))
		parse_shape(arg, value);
}

static void prepare(void)
{
	unsigned int i;

	if (!*sides[0].dev || (sink && !*sides[1].dev))
		die("no device");
	if (shape.len < packet_min_len(&shape))
		shape.len = packet_min_len(&shape);
	/* IPv6 has less room in a segment */
	if (shape.gso && shape.ipv6)
		shape.gso -= 20;
	if (once)
		flows = chunk * chunks * batches * strlen(dirs) + 1;
	/* a SYN may be longer */
	slot_len = (sizeof(struct virtio_net_hdr) + shape.len + 64) & ~7ul;
	slots = calloc(chunk, slot_len);
	in = malloc(PACKET_MAX);
	chosen = calloc(chunk, sizeof(*chosen));
	flow = calloc(flows, sizeof(*flow));
	if (!slots || !in || !chosen || !flow)
		die("no memory");
	for (i = 0; i < flows; i++)
		flow_init(&flow[i], i);
}

int main(int argc, char **argv)
{
	const char *wrong, *dir;
	bool ok = true;
	int i;

	if (argc > 2 && !strcmp(argv[1], "open"))
		return open_tap(atoi(argv[2]), argc > 3 ? argv[3] : NULL);

	for (i = 1; i < argc; i++)
		parse(argv[i]);
	prepare();

	if (once)
		wrong = warm_up();
	else
		wrong = prime && sink ? establish() : NULL;
	for (dir = dirs; *dir; dir++) {
		if (wrong) {
			printf("%c lost %s\n", *dir, wrong);
			ok = false;
		} else if (!measure(*dir - 'a')) {
			ok = false;
		}
	}
	return !ok;
}
