// SPDX-License-Identifier: GPL-2.0
/*
 * Fast path: the devices outside that packets arrive at or leave by. Here are
 * the hook at their ingress and the reactions to their changes. flow.h and
 * Documentation/locking.rst have the locking rules.
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
 * vns_flow_dev_find() - find the fast path's data of a device
 * @flows: the namespace's table
 * @dev: the device, not a network
 *
 * Context: RCU read side.
 * Return: NULL if there is none yet; it is then created from a work item.
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

	/* out of memory: the next packet tries again */
	uplink = kzalloc(sizeof(*uplink), GFP_KERNEL);
	if (!uplink)
		return;

	uplink->flows = flows;
	uplink->dev = dev;
	uplink->ops.hook = vns_flow_ingress;
	uplink->ops.pf = NFPROTO_NETDEV;
	uplink->ops.hooknum = NF_NETDEV_INGRESS;
	/* after the user's hooks */
	uplink->ops.priority = INT_MAX;
	uplink->ops.dev = dev;
	uplink->ops.priv = uplink;
	err = nf_register_net_hook(flows->net, &uplink->ops);
	if (err == -ENOMEM) {
		kfree(uplink);
		return;
	}

	/* without ingress hooks, packets can still leave by the device */
	uplink->hooked = !err;
	list_add_tail_rcu(&uplink->list, &flows->uplinks);
}

static void vns_flow_dev_del(struct vns_flow_dev *uplink)
{
	/* 1. no packet enters here any more, and no entry is made */
	if (uplink->hooked)
		nf_unregister_net_hook(uplink->flows->net, &uplink->ops);
	list_del_rcu(&uplink->list);
	/* 2. no entry points here; freed after a grace period */
	vns_flow_flush_dev(uplink);
	kfree_rcu(uplink, rcu);
}

/* Add the device &vns_flow_table.wanted. */
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

/*
 * Remove all devices from the fast path, after entries are no longer made.
 * Context: rtnl.
 */
void vns_flow_dev_del_all(struct vns_flow_table *flows)
{
	struct vns_flow_dev *uplink, *tmp;

	ASSERT_RTNL();
	list_for_each_entry_safe(uplink, tmp, &flows->uplinks, list)
		vns_flow_dev_del(uplink);
}

/* Handle a netdevice event of any device. Context: rtnl. */
void vns_flow_dev_notify(unsigned long event, struct net_device *dev)
{
	struct vns_flow_table *flows = &vns_network_net(dev_net(dev))->flows;
	struct vns_flow_dev *uplink, *tmp;

	list_for_each_entry_safe(uplink, tmp, &flows->uplinks, list) {
		if (uplink->dev != dev)
			continue;
		switch (event) {
		case NETDEV_UNREGISTER: /* or a move to another namespace */
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

void vns_flow_dev_init_net(struct vns_flow_table *flows)
{
	INIT_LIST_HEAD(&flows->uplinks);
	INIT_WORK(&flows->work, vns_flow_dev_work);
}

/* The table is stopped and no packet is in flight. */
void vns_flow_dev_exit_net(struct vns_flow_table *flows)
{
	cancel_work_sync(&flows->work);
	WARN_ON_ONCE(!list_empty(&flows->uplinks));
}
