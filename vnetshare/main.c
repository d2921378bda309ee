// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare: networks for virtual machines on a host. This file has the order
 * of initialisation and exit.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

#include "device.h"
#include "events.h"
#include "flow.h"
#include "nat.h"
#include "netlink.h"
#include "network.h"
#include "port_native.h"
#include "switch_cache.h"

static int __init vns_main_init(void)
{
	int err;

	err = vns_switch_cache_init();
	if (err)
		return err;

	err = vns_flow_init();
	if (err)
		goto err_exit_switch_cache;

	err = vns_nat_init();
	if (err)
		goto err_exit_flow;

	err = vns_events_init();
	if (err)
		goto err_exit_nat;

	err = vns_device_init();
	if (err)
		goto err_exit_events;

	err = vns_port_native_init();
	if (err)
		goto err_exit_device;

	/* last, because its commands need all of the above */
	err = vns_netlink_family_init();
	if (err)
		goto err_exit_native;

	return 0;

err_exit_native:
	vns_port_native_exit();
err_exit_device:
	vns_device_exit();
err_exit_events:
	vns_events_exit();
err_exit_nat:
	vns_nat_exit();
err_exit_flow:
	vns_flow_exit();
err_exit_switch_cache:
	vns_switch_cache_exit();
	return err;
}

/*
 * 1. Commands that make devices are refused.
 * 2. All native ports and networks are removed in all namespaces, and with them
 *    their hooks.
 * 3. Netlink, notifiers and namespace operations are unregistered.
 * 4. Readers and RCU callbacks have ended.
 *
 * Documentation/locking.rst, "End of the module", has the proof.
 */
static void __exit vns_main_exit(void)
{
	vns_netlink_close();
	vns_port_native_exit();
	vns_device_exit();
	vns_netlink_family_exit();
	vns_events_exit();
	vns_nat_exit();
	synchronize_net();
	rcu_barrier();
	vns_flow_exit();
	vns_switch_cache_exit();
}

module_init(vns_main_init);
module_exit(vns_main_exit);

MODULE_DESCRIPTION("Networks for virtual machines: switch, NAT and bridge in one device");
MODULE_AUTHOR("The vnetshare developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(VNS_VERSION);
MODULE_ALIAS_GENL_FAMILY(VNETSHARE_GENL_NAME);
MODULE_ALIAS_RTNL_LINK(VNETSHARE_LINK_KIND);
MODULE_ALIAS_RTNL_LINK(VNETSHARE_PORT_LINK_KIND);
