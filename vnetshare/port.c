// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: the common part of attached ports (port_attached.c) and native ports
 * (port_native.c).
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "announce.h"
#include "binding.h"
#include "bridge.h"
#include "fdb.h"
#include "flow.h"
#include "network.h"
#include "port.h"
#include "snoop_table.h"
#include "switch_cache.h"

struct vns_port *vns_port_find_id(struct vns_network *network, u32 id)
{
	struct vns_port *port;

	ASSERT_RTNL();
	list_for_each_entry(port, &network->ports, list)
		if (port->id == id)
			return port;
	return NULL;
}

/*
 * A number is used again only after the counter has wrapped, and if no port has
 * it then.
 */
static u32 vns_port_next_id(struct vns_network *network)
{
	do {
		network->last_port_id++;
	} while (!network->last_port_id ||
		 vns_port_find_id(network, network->last_port_id));

	return network->last_port_id;
}

static void vns_port_update_bound_key(struct vns_port *port)
{
	WRITE_ONCE(port->bound_key,
		   port->set.lock ? vns_fdb_key(port->set.mac) : 0);
}

static int vns_port_check_settings(const struct vns_network *network,
				   const struct vns_port_settings *set,
				   struct netlink_ext_ack *extack)
{
	if (ether_addr_equal(set->mac, network->dev->dev_addr)) {
		NL_SET_ERR_MSG(extack, "that is the network's own MAC address");
		return -EADDRINUSE;
	}
	if (vns_bridge_is_host_mac(network, set->mac)) {
		NL_SET_ERR_MSG(extack,
			       "that is the MAC address of the network's uplink");
		return -EADDRINUSE;
	}
	if (set->lock && is_zero_ether_addr(set->mac)) {
		NL_SET_ERR_MSG(extack,
			       "lock needs the MAC address of the VM: give mac, too");
		return -EINVAL;
	}
	return 0;
}

/* Sets the members that frames need; also for &vns_bridge.port. */
void vns_port_init(struct vns_port *port, struct vns_network *network,
		   struct net_device *dev)
{
	port->network = network;
	port->dev = dev;
	port->flood_since = jiffies;
	atomic_set(&port->flow_gen, vns_switch_cache_first_gen());
	spin_lock_init(&port->binding_lock);
	INIT_HLIST_HEAD(&port->fdb);
	INIT_HLIST_HEAD(&port->snoop);
	INIT_LIST_HEAD(&port->list);
}

/*
 * Allocates a port that no frame reaches yet. The caller makes sure that the
 * port does not outlive @dev, and calls vns_binding_set() last, because that
 * takes IP addresses from other ports and is not undone.
 *
 * Returns the port, which vns_port_free() frees, or an error pointer.
 */
struct vns_port *vns_port_create(struct vns_network *network,
				 struct net_device *dev, bool native,
				 const struct vns_port_settings *set,
				 struct netlink_ext_ack *extack)
{
	struct vns_port *port;
	int err;

	ASSERT_RTNL();
	err = vns_port_check_settings(network, set, extack);
	if (err)
		return ERR_PTR(err);

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return ERR_PTR(-ENOMEM);

	vns_port_init(port, network, dev);
	port->native = native;
	port->id = vns_port_next_id(network);
	port->set = *set;
	vns_port_update_bound_key(port);

	if (!is_zero_ether_addr(set->mac)) {
		err = vns_fdb_pin(port, set->mac, extack);
		if (err) {
			kfree(port);
			return ERR_PTR(err);
		}
	}
	return port;
}

/* From here on, the switch sends frames to the port. */
void vns_port_publish(struct vns_port *port)
{
	struct vns_network *network = port->network;

	ASSERT_RTNL();
	list_add_tail_rcu(&port->list, &network->ports);
	network->n_ports++;
	vns_network_update_carrier(network);
	vns_announce_port(port, VNETSHARE_CMD_PORT_ADD_NTF);
}

/* The inverse of vns_port_publish(). Frames from the port have stopped. */
void vns_port_unpublish(struct vns_port *port)
{
	struct vns_network *network = port->network;

	ASSERT_RTNL();
	list_del_rcu(&port->list);
	network->n_ports--;
	vns_network_update_carrier(network);
	vns_announce_port(port, VNETSHARE_CMD_PORT_DEL_NTF);
}

/*
 * Deletes what was learned about the VMs behind the port. Frames that are still
 * in flight learn nothing more. Context: rtnl.
 */
void vns_port_close(struct vns_port *port)
{
	struct vns_fdb *fdb = &port->network->fdb;

	spin_lock_bh(&fdb->lock);
	port->dead = true;
	spin_unlock_bh(&fdb->lock);
	vns_fdb_flush_port(port, true);
	vns_snoop_table_flush_port(port, true);
	/* invalidate cached paths to this port */
	vns_network_bump(port->network);
}

/*
 * The port is unpublished, or was never published. Frames in flight may use it
 * until their RCU section ends. Context: rtnl.
 */
void vns_port_free(struct vns_port *port)
{
	vns_port_close(port);
	vns_binding_free(port);
	vns_flow_flush_port(port);
	kfree_rcu(port, rcu);
}

/* Returns 0, or a negative error; then nothing has changed. */
int vns_port_set(struct vns_port *port, const struct vns_port_settings *set,
		 struct netlink_ext_ack *extack)
{
	struct vns_port_settings old = port->set;
	bool same = ether_addr_equal(set->mac, old.mac);
	int err;

	ASSERT_RTNL();
	err = vns_port_check_settings(port->network, set, extack);
	if (err)
		return err;

	if (!same && !is_zero_ether_addr(set->mac)) {
		err = vns_fdb_pin(port, set->mac, extack);
		if (err)
			return err;
	}

	port->set = *set;
	err = vns_binding_set(port);
	if (err) {
		port->set = old;
		if (!same && !is_zero_ether_addr(set->mac))
			vns_fdb_unpin(port, set->mac);
		return err;
	}

	if (!same && !is_zero_ether_addr(old.mac))
		vns_fdb_unpin(port, old.mac);
	vns_port_update_bound_key(port);
	vns_port_bump(port);
	vns_announce_port(port, VNETSHARE_CMD_PORT_CHANGE_NTF);
	return 0;
}
