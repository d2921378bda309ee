// SPDX-License-Identifier: GPL-2.0
/*
 * Changing a network: all requested settings take effect, or none.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <vns_compat.h>

#include "bridge.h"
#include "fdb.h"
#include "hooks.h"
#include "mode.h"
#include "nat.h"
#include "network.h"
#include "portfwd.h"
#include "settings.h"
#include "snoop_table.h"
#include "uplink.h"

/*
 * Changes the mode while VMs are plugged in. Ports, learned addresses and
 * leases stay; sessions that the new mode does not allow end. Waits for grace
 * periods.
 */
static int vns_settings_set_mode(struct vns_network *network,
				 const struct vns_mode *mode)
{
	const struct vns_mode *old = network->mode;
	struct net *net = dev_net(network->dev);
	int err;

	ASSERT_RTNL();
	if (mode == old)
		return 0;

	err = vns_hooks_get(net, mode);
	if (err)
		return err;

	WRITE_ONCE(network->mode, mode);
	vns_network_update_fast(network);
	vns_network_bump(network);
	/* wait for packets that are checked by the old mode */
	synchronize_net();
	if (!mode->host)
		vns_nat_flush(network);
	else if (!mode->outside)
		vns_nat_flush_outside(network);
	vns_hooks_put(net, old);
	if (!mode->bridged) {
		vns_bridge_unbind(network);
		vns_snoop_table_flush(network);
	}
	vns_network_update_carrier(network);
	if (mode->outside)
		vns_portfwd_catch_up(vns_network_net(net));
	return 0;
}

/* The settings that take effect by being written: nothing here can fail. */
static void vns_settings_write(struct vns_network *network,
			       const struct vns_network_settings *want,
			       bool ageing)
{
	WRITE_ONCE(network->isolate, want->isolate);
	if (network->firewall != want->firewall) {
		WRITE_ONCE(network->firewall, want->firewall);
		/* wait for packets that were accepted under the old setting */
		synchronize_net();
	}
	network->fastpath = want->fastpath;
	vns_network_update_fast(network);
	WRITE_ONCE(network->group_forward, want->group_forward);
	WRITE_ONCE(network->flood_limit, want->flood_limit);
	if (ageing)
		vns_fdb_set_ageing(&network->fdb, want->ageing);
	vns_network_changed(network);
}

/**
 * vns_settings_apply() - change a network
 * @network: the network
 * @have: its present settings
 * @want: the new settings; those that were not requested are as in @have
 * @asked: VNS_SETTINGS_*: requested settings that take effect again even if
 *	they are as in @have
 * @refused: set to the VNS_SETTINGS_* that failed, 0 if it is none of these
 * @extack: gets the reason of an error
 *
 * Steps that can fail come first, and are undone if a later one fails.
 *
 * Context: rtnl. Waits for grace periods.
 * Return: 0, or a negative error; then nothing has changed.
 */
int vns_settings_apply(struct vns_network *network,
		       const struct vns_network_settings *have,
		       const struct vns_network_settings *want,
		       unsigned int asked, unsigned int *refused,
		       struct netlink_ext_ack *extack)
{
	struct net_device *dev = network->dev;
	bool uplink = asked & VNS_SETTINGS_UPLINK;
	u32 old_mtu = dev->mtu;
	u8 old_mac[ETH_ALEN];
	int err;

	*refused = 0;
	ether_addr_copy(old_mac, dev->dev_addr);

	err = dev_set_mtu(dev, want->mtu);
	if (err) {
		NL_SET_ERR_MSG(extack, "a port does not accept that MTU");
		*refused = VNS_SETTINGS_MTU;
		return err;
	}

	if (want->mac && !ether_addr_equal(want->mac, dev->dev_addr)) {
		err = vns_compat_set_mac(dev, want->mac, extack);
		if (err) {
			*refused = VNS_SETTINGS_MAC;
			goto err_restore_mtu;
		}
	}

	if (uplink) {
		err = vns_uplink_change(network, want, extack);
		if (err)
			goto err_restore_mac;
	}

	err = vns_settings_set_mode(network, want->mode);
	if (err)
		goto err_restore_uplink;

	vns_settings_write(network, want, asked & VNS_SETTINGS_AGEING);
	return 0;

err_restore_uplink:
	if (uplink)
		vns_uplink_change(network, have, NULL);
	if (!have->mode->bridged)
		vns_bridge_unbind(network);
err_restore_mac:
	if (!ether_addr_equal(old_mac, dev->dev_addr))
		vns_compat_set_mac(dev, old_mac, NULL);
err_restore_mtu:
	dev_set_mtu(dev, old_mtu);
	return err;
}
