// SPDX-License-Identifier: GPL-2.0
/*
 * dnsmasq: its configuration, and starting it.
 *
 * dnsmasq never runs as root: it is started as its own user with only the
 * capabilities that it needs. Since it does not change its user itself, the
 * kernel keeps the setting that sends it a signal when the supervisor dies.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dhcp.h"
#include "netns.h"
#include "program.h"
#include "state.h"

#define VNS_DNSMASQ_LEASE_TIME	"1h"
/* without a way out: VMs should notice soon when there is one */
#define VNS_DNSMASQ_SHORT_TIME	"2m"
#define VNS_DNSMASQ_RA_SECONDS	200
#define VNS_DNSMASQ_ROUTER_SECONDS	1800
#define VNS_DNSMASQ_MAX_LEASES	4096

/**
 * vns_dnsmasq_domain - the DNS domain of a network
 * @size: bytes that @domain has room for
 */
void vns_dnsmasq_domain(const char *name, char *domain, size_t size)
{
	char *c;

	snprintf(domain, size, "%s.internal", name);
	for (c = domain; *c && c < domain + strlen(name); c++)
		*c = isalnum((unsigned char)*c) ? tolower((unsigned char)*c) :
						  '-';
}

static const struct passwd *vns_dnsmasq_user(void)
{
	const struct passwd *user = getpwnam("dnsmasq");

	return user ? user : getpwnam("nobody");
}

/* Answer reverse queries for the subnet locally, in whole octets. */
static void vns_dnsmasq_write_reverse(FILE *file,
				      const struct vns_subnet *subnet)
{
	const uint8_t *bytes = subnet->gateway.bytes;

	if (subnet->plen >= 24)
		fprintf(file, "local=/%u.%u.%u.in-addr.arpa/\n", bytes[2],
			bytes[1], bytes[0]);
	else if (subnet->plen >= 16)
		fprintf(file, "local=/%u.%u.in-addr.arpa/\n", bytes[1],
			bytes[0]);
}

static void vns_dnsmasq_write_reverse6(FILE *file,
				       const struct vns_subnet *subnet)
{
	int i;

	fputs("local=/", file);
	for (i = subnet->plen / 8 - 1; i >= 0; i--)
		fprintf(file, "%x.%x.", subnet->gateway.bytes[i] & 15,
			subnet->gateway.bytes[i] >> 4);
	fputs("ip6.arpa/\n", file);
}

static void vns_dnsmasq_write_range(FILE *file,
				    const struct vns_dhcp_conf *conf)
{
	uint32_t mask = UINT32_MAX << (32 - conf->subnet.plen);
	const uint8_t *bytes = conf->subnet.gateway.bytes;
	uint32_t gateway = (uint32_t)bytes[0] << 24 | bytes[1] << 16 |
			   bytes[2] << 8 | bytes[3];
	uint32_t first = (gateway & mask) + 1;
	uint32_t last = (gateway | ~mask) - 1;
	struct in_addr addr;

	/* dnsmasq skips a gateway in the middle of the range */
	if (first == gateway)
		first++;
	else if (last == gateway)
		last--;
	addr.s_addr = htonl(first);
	fprintf(file, "dhcp-range=%s", inet_ntoa(addr));
	addr.s_addr = htonl(last);
	fprintf(file, ",%s", inet_ntoa(addr));
	addr.s_addr = htonl(mask);
	fprintf(file, ",%s,%s\n", inet_ntoa(addr), conf->outside ?
		VNS_DNSMASQ_LEASE_TIME : VNS_DNSMASQ_SHORT_TIME);
	/* an empty option: dnsmasq would announce itself as router */
	if (!conf->outside)
		fputs("dhcp-option=option:router\n", file);
}

/* Router advertisements, and stateless DHCPv6 with the DNS server. */
static void vns_dnsmasq_write_ra(FILE *file, const struct vns_dhcp_conf *conf,
				 const char *domain)
{
	char text[VNS_SUBNET_TEXT], gateway[VNS_IP_TEXT];

	vns_subnet_format(&conf->subnet6, text);
	*strchr(text, '/') = '\0';
	vns_ip_format(&conf->subnet6.gateway, gateway);
	fprintf(file,
		"enable-ra\n"
		"dhcp-range=%s,ra-stateless,ra-names,%u,%s\n"
		"ra-param=%s,mtu:%u,%u,%u\n",
		text, conf->subnet6.plen, VNS_DNSMASQ_LEASE_TIME, conf->name,
		conf->mtu, VNS_DNSMASQ_RA_SECONDS,
		conf->outside6 ? VNS_DNSMASQ_ROUTER_SECONDS : 0);
	fprintf(file,
		"dhcp-option=option6:dns-server,[%s]\n"
		"dhcp-option=option6:domain-search,%s\n", gateway, domain);
}

static void vns_dnsmasq_write_subnets(FILE *file,
				      const struct vns_dhcp_conf *conf,
				      const char *domain)
{
	char gateway[VNS_IP_TEXT];

	fprintf(file, "host-record=host.%s", domain);
	if (conf->subnet.plen)
		fprintf(file, ",%s",
			vns_ip_format(&conf->subnet.gateway, gateway));
	if (conf->subnet6.plen)
		fprintf(file, ",%s",
			vns_ip_format(&conf->subnet6.gateway, gateway));
	fputc('\n', file);
	if (conf->subnet.plen) {
		vns_dnsmasq_write_reverse(file, &conf->subnet);
		vns_dnsmasq_write_range(file, conf);
	}
	if (conf->subnet6.plen) {
		vns_dnsmasq_write_reverse6(file, &conf->subnet6);
		vns_dnsmasq_write_ra(file, conf, domain);
	}
}

/* Use the host's resolvers; none when VMs reach only the host. */
static void vns_dnsmasq_write_upstream(FILE *file, const struct vns_ctx *ctx,
				       const struct vns_dhcp_conf *conf)
{
	char resolv[VNS_NETNS_PATH];

	if (!conf->outside) {
		fputs("no-resolv\n", file);
		return;
	}
	vns_netns_resolv_conf(ctx, resolv);
	fprintf(file, "resolv-file=%s\n", resolv);
}

static void vns_dnsmasq_write_extra(FILE *file, const char *name)
{
	char path[sizeof(VNS_EXTRA_DIR) + IFNAMSIZ + 16];

	snprintf(path, sizeof(path), "%s/%s%s", VNS_EXTRA_DIR, name,
		 VNS_EXTRA_SUFFIX);
	if (!access(path, F_OK))
		fprintf(file, "conf-file=%s\n", path);
	snprintf(path, sizeof(path), "%s/%s.d", VNS_EXTRA_DIR, name);
	if (!access(path, F_OK))
		fprintf(file, "conf-dir=%s,*.conf\n", path);
}

static void vns_dnsmasq_write(FILE *file, const struct vns_ctx *ctx,
			      const char *dir, const struct vns_dhcp_conf *conf,
			      const char *user)
{
	char domain[64];

	vns_dnsmasq_domain(conf->name, domain, sizeof(domain));
	fprintf(file,
		"# Written by vnetshare each time that it starts dnsmasq.\n"
		"# What you want to add belongs in %s/%s%s.\n",
		VNS_EXTRA_DIR, conf->name, VNS_EXTRA_SUFFIX);
	/* bind-interfaces would answer queries from the LAN, too */
	fprintf(file,
		"interface=%s\n"
		"except-interface=lo\n"
		"bind-dynamic\n"
		"user=%s\n"
		"pid-file=\n"
		"log-facility=-\n"
		"quiet-dhcp\n", conf->name, user);
	vns_dnsmasq_write_upstream(file, ctx, conf);
	fprintf(file,
		"no-hosts\n"
		"domain-needed\n"
		"cache-size=1000\n"
		"domain=%s\n"
		"local=/%s/\n"
		"expand-hosts\n", domain, domain);
	vns_dnsmasq_write_subnets(file, conf, domain);
	/* VMs are told apart by MAC address: other identifiers may be copies */
	fprintf(file, "dhcp-ignore-clid\n");
	/* a VM named wpad would be every VM's proxy (VU#598349) */
	fprintf(file,
		"dhcp-authoritative\n"
		"dhcp-lease-max=%d\n"
		"dhcp-leasefile=%.70s/%s\n"
		"dhcp-option=option:mtu,%u\n"
		"dhcp-name-match=set:wpad-ignore,wpad\n"
		"dhcp-ignore-names=tag:wpad-ignore\n",
		VNS_DNSMASQ_MAX_LEASES, dir, VNS_STATE_LEASES, conf->mtu);
	vns_dnsmasq_write_extra(file, conf->name);
}

/*
 * Make the lease file. Leases of an old file are kept if they are in the
 * subnet, which may have changed.
 */
static int vns_dnsmasq_prepare_leases(const char *dir,
				      const struct vns_subnet *subnet,
				      const struct passwd *user)
{
	char path[VNS_STATE_PATH], line[1024], word[64];
	struct vns_array kept = { .size = sizeof(line) };
	struct vns_ip ip;
	FILE *file;
	size_t i;
	int ret;

	vns_state_path(dir, VNS_STATE_LEASES, path);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %63s", word) == 1 &&
		    vns_ip_parse(word, &ip) && vns_subnet_holds(subnet, &ip))
			strcpy(vns_array_add(&kept), line);
	}
	if (file)
		fclose(file);

	/* dnsmasq owned the old file: replace it with a new one */
	unlink(path);
	file = fopen(path, "wxe");
	if (!file) {
		vns_array_free(&kept);
		return -errno;
	}
	for (i = 0; i < kept.count; i++)
		fputs((const char *)kept.items + i * kept.size, file);
	vns_array_free(&kept);
	ret = fchown(fileno(file), user->pw_uid, user->pw_gid) ||
	      fchmod(fileno(file), 0644) ? -errno : 0;
	if (fclose(file) && !ret)
		ret = -errno;
	return ret;
}

/**
 * vns_dnsmasq_configure - write dnsmasq's configuration
 * @dir: directory of the network
 * @conf: input of the configuration
 *
 * Return: 0 or a negative errno
 */
int vns_dnsmasq_configure(const struct vns_ctx *ctx, const char *dir,
			  const struct vns_dhcp_conf *conf)
{
	const struct passwd *user = vns_dnsmasq_user();
	char path[VNS_STATE_PATH];
	FILE *file;
	int ret;

	if (!user)
		return -ENOENT;
	ret = vns_dnsmasq_prepare_leases(dir, &conf->subnet, user);
	if (ret)
		return ret;
	vns_state_path(dir, VNS_STATE_CONF, path);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	vns_dnsmasq_write(file, ctx, dir, conf, user->pw_name);
	ret = fchmod(fileno(file), 0644) || ferror(file) ? -EIO : 0;
	if (fclose(file))
		ret = -errno;
	return ret;
}

/* Change to the user, but keep the capabilities of a DHCP and DNS server. */
static int vns_dnsmasq_become(const struct passwd *user)
{
	static const int caps[] = {
		CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW,
	};
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { };
	size_t i;

	for (i = 0; i < VNS_ARRAY_SIZE(caps); i++)
		data[0].permitted |= 1U << caps[i];
	data[0].effective = data[0].permitted;
	data[0].inheritable = data[0].permitted;

	if (prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) ||
	    setgid(user->pw_gid) || setuid(user->pw_uid) ||
	    syscall(SYS_capset, &header, data))
		return -errno;
	for (i = 0; i < VNS_ARRAY_SIZE(caps); i++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, caps[i], 0, 0))
			return -errno;
	return 0;
}

/* Undo the supervisor's protection from the OOM killer for its child. */
static void vns_dnsmasq_reset_oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1)
		fprintf(stderr, "dnsmasq: cannot set oom_score_adj\n");
	close(fd);
}

static void vns_dnsmasq_exec(const char *conf, const struct passwd *user,
			     pid_t parent)
{
	static char *const environment[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL,
	};
	char program[VNS_PROGRAM_PATH], option[VNS_STATE_PATH + 16];
	sigset_t none;
	int ret;

	snprintf(option, sizeof(option), "--conf-file=%s", conf);
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	vns_dnsmasq_reset_oom();
	ret = vns_dnsmasq_become(user);
	if (ret) {
		fprintf(stderr, "dnsmasq: cannot become user %s: %s\n",
			user->pw_name, strerror(-ret));
		return;
	}
	/* setuid() clears this setting, so it comes last */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) || getppid() != parent)
		return;
	if (!vns_program_find("dnsmasq", program)) {
		fprintf(stderr, "dnsmasq: the program is gone\n");
		return;
	}
	execle(program, "dnsmasq", option, "--keep-in-foreground", NULL,
	       environment);
	fprintf(stderr, "dnsmasq: cannot run %s: %s\n", program,
		strerror(errno));
}

/**
 * vns_dnsmasq_spawn - start dnsmasq as a child in a process group of its own
 * @dir: directory of the network, with the configuration
 * @output: set to a non-blocking pipe with its output
 *
 * Return: its process id or a negative errno
 */
pid_t vns_dnsmasq_spawn(const char *dir, int *output)
{
	const struct passwd *user = vns_dnsmasq_user();
	char conf[VNS_STATE_PATH];
	pid_t pid, parent = getpid();
	int pipes[2], ret;

	if (!user)
		return -ENOENT;
	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	vns_state_path(dir, VNS_STATE_CONF, conf);
	pid = fork();
	if (!pid) {
		if (dup2(pipes[1], STDOUT_FILENO) >= 0 &&
		    dup2(pipes[1], STDERR_FILENO) >= 0)
			vns_dnsmasq_exec(conf, user, parent);
		_exit(127);
	}
	ret = -errno;
	close(pipes[1]);
	if (pid < 0) {
		close(pipes[0]);
		return ret;
	}
	/* in parent and child, so that the group exists in both */
	setpgid(pid, pid);
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	*output = pipes[0];
	return pid;
}
