// SPDX-License-Identifier: GPL-2.0
/*
 * The devices that packets of the fast path come from, and leave by: our hook
 * at their ingress, and what happens to them. See the locking rules in flow.h.
 */
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "flow.h"
#include "network.h"

/**
 * vns_flow_dev_find() - what the fast path keeps of a device
 * @flows: the namespace's table
 * @dev: the device, not a network
 *
 * Has it made if there is nothing yet.
 *
 * Context: RCU read side.
 * Return: that; NULL if there is nothing yet.
 */
struct vns_flow_dev *vns_flow_dev_find(struct vns_flow_table *flows,
				       const struct net_device *dev)
{
	struct vns_flow_dev *uplink;

	list_for_each_entry_rcu(uplink, &flows->uplinks, list)
		if (uplink->dev == dev)
			return uplink;

	if (READ_ONCE(flows->on)) {
		WRITE_ONCE(flows->wanted, dev->ifindex);
		schedule_work(&flows->work);
	}
	return NULL;
}

static void vns_flow_dev_add(struct vns_flow_table *flows,
			     struct net_device *dev)
{
	struct vns_flow_dev *uplink;
	int err;

	/* without memory, the next packet asks again */
	uplink = kzalloc(sizeof(*uplink), GFP_KERNEL);
	if (!uplink)
		return;

	uplink->flows = flows;
	uplink->dev = dev;
	uplink->ops.hook = vns_flow_ingress;
	uplink->ops.pf = NFPROTO_NETDEV;
	uplink->ops.hooknum = NF_NETDEV_INGRESS;
	/* what the user has there sees the packets first */
	uplink->ops.priority = INT_MAX;
	uplink->ops.dev = dev;
	uplink->ops.priv = uplink;
	err = nf_register_net_hook(flows->net, &uplink->ops);
	if (err == -ENOMEM) {
		kfree(uplink);
		return;
	}

	/* where there are no such hooks, packets leave by it all the same */
	uplink->hooked = !err;
	list_add_tail_rcu(&uplink->list, &flows->uplinks);
}

static void vns_flow_dev_del(struct vns_flow_dev *uplink)
{
	/* 1. no packet looks here, and no entry is made, any more */
	if (uplink->hooked)
		nf_unregister_net_hook(uplink->flows->net, &uplink->ops);
	list_del_rcu(&uplink->list);
	/* 2. nothing points here; freed past the last packet */
	vns_flow_flush_dev(uplink);
	kfree_rcu(uplink, rcu);
}

/* Has &vns_flow_table.wanted in the fast path. */
static void vns_flow_dev_work(struct work_struct *work)
{
	struct vns_flow_table *flows = container_of(work,
						    struct vns_flow_table,
						    work);
	struct vns_flow_dev *uplink;
	struct net_device *dev;

	rtnl_lock();
	dev = __dev_get_by_index(flows->net, READ_ONCE(flows->wanted));
	if (!flows->on || !dev || dev->reg_state != NETREG_REGISTERED ||
	    vns_network_is(dev))
		goto out_unlock;
	list_for_each_entry(uplink, &flows->uplinks, list)
		if (uplink->dev == dev)
			goto out_unlock;

	vns_flow_dev_add(flows, dev);
out_unlock:
	rtnl_unlock();
}

/**
 * vns_flow_dev_del_all() - have no device in the fast path
 * @flows: of a namespace, in which no entry is made any more
 *
 * Context: rtnl.
 */
void vns_flow_dev_del_all(struct vns_flow_table *flows)
{
	struct vns_flow_dev *uplink, *tmp;

	ASSERT_RTNL();
	list_for_each_entry_safe(uplink, tmp, &flows->uplinks, list)
		vns_flow_dev_del(uplink);
}

/**
 * vns_flow_dev_notify() - something happened to what may be an uplink
 * @event: NETDEV_*
 * @dev: any device
 *
 * Context: rtnl.
 */
void vns_flow_dev_notify(unsigned long event, struct net_device *dev)
{
	struct vns_flow_table *flows = &vns_network_net(dev_net(dev))->flows;
	struct vns_flow_dev *uplink, *tmp;

	list_for_each_entry_safe(uplink, tmp, &flows->uplinks, list) {
		if (uplink->dev != dev)
			continue;
		switch (event) {
		case NETDEV_UNREGISTER: /* or off to another namespace */
			vns_flow_dev_del(uplink);
			break;
		case NETDEV_DOWN:
		case NETDEV_CHANGE:
		case NETDEV_CHANGEMTU:
		case NETDEV_CHANGEADDR:
		case NETDEV_CHANGEUPPER:
		case NETDEV_FEAT_CHANGE:
			vns_flow_flush_dev(uplink);
			break;
		}
	}
}

/**
 * vns_flow_dev_init_net() - no device of a new namespace is in the fast path
 * @flows: the namespace's table
 */
void vns_flow_dev_init_net(struct vns_flow_table *flows)
{
	INIT_LIST_HEAD(&flows->uplinks);
	INIT_WORK(&flows->work, vns_flow_dev_work);
}

/**
 * vns_flow_dev_exit_net() - the inverse of vns_flow_dev_init_net()
 * @flows: stopped, with no packet in flight any more
 *
 * Context: process.
 */
void vns_flow_dev_exit_net(struct vns_flow_table *flows)
{
	cancel_work_sync(&flows->work);
	WARN_ON_ONCE(!list_empty(&flows->uplinks));
}
