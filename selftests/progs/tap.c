// SPDX-License-Identifier: GPL-2.0
/*
 * tap NAME: makes a tap that lives as long as this program, and says "ready".
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(ifr.ifr_name)) {
		fputs("usage: tap NAME\n", stderr);
		return 2;
	}
	strcpy(ifr.ifr_name, argv[1]);

	fd = open("/dev/net/tun", O_RDWR);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr)) {
		perror("tap");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
