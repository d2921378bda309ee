// SPDX-License-Identifier: GPL-2.0
/* Changing a network: all requested changes are made, or none. */
#include <stdio.h>
#include <string.h>

#include "confirm.h"
#include "dhcp.h"
#include "firewall.h"
#include "network.h"
#include "rtnl.h"
#include "state.h"
#include "uplink.h"

/* settings that the kernel module does not have */
#define VNS_NETWORK_OWN_KEYS	(VNS_BIT(VNS_NETWORK_SUBNET) |	\
				 VNS_BIT(VNS_NETWORK_SUBNET6) |	\
				 VNS_BIT(VNS_NETWORK_DHCP) |	\
				 VNS_BIT(VNS_NETWORK_CONFIRM))

static const struct vns_subnet vns_network_no_subnet;

static bool vns_network_bridged(const struct vns_network_options *options)
{
	return options->mode == VNETSHARE_MODE_BRIDGED;
}

/*
 * The subnet on the device. In mode bridged there is none; the old one is kept.
 */
static const struct vns_subnet *
vns_network_gateway(const struct vns_network_options *options, uint8_t family)
{
	if (vns_network_bridged(options))
		return &vns_network_no_subnet;
	return family == AF_INET ? &options->subnet : &options->subnet6;
}

static int vns_network_send(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    const struct vns_network_options *options)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct nlmsghdr *nlh;

	if (!(options->seen & ~VNS_NETWORK_OWN_KEYS))
		return VNS_OK;
	snprintf(what, sizeof(what), "change network %s", network->name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_NETWORK_SET);
	mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_IFINDEX, network->ifindex);
	vns_network_put(nlh, options);
	if (!vns_genl_send(ctx, nlh, what))
		return VNS_OK;
	vns_uplink_explain(ctx, options->mode, options->uplink);
	return VNS_FAIL;
}

static int vns_network_take_gateway(struct vns_ctx *ctx,
				    const struct vns_network *network,
				    const struct vns_network_options *from,
				    const struct vns_network_options *to,
				    uint8_t family)
{
	const struct vns_subnet *old = vns_network_gateway(from, family);
	const struct vns_subnet *new = vns_network_gateway(to, family);

	if (!old->plen || vns_subnet_equal(old, new))
		return VNS_OK;
	return vns_rtnl_addr_change(ctx, false, network->ifindex,
				    network->name, &old->gateway, old->plen);
}

static int vns_network_take_gateways(struct vns_ctx *ctx,
				     const struct vns_network *network,
				     const struct vns_network_options *from,
				     const struct vns_network_options *to)
{
	if (vns_network_take_gateway(ctx, network, from, to, AF_INET))
		return VNS_FAIL;
	return vns_network_take_gateway(ctx, network, from, to, AF_INET6);
}

/*
 * Change the settings. Old addresses are removed first: a new address in the
 * same subnet would be secondary to the old one, and would be removed with it;
 * and with too small an MTU, the kernel removes IPv6 addresses. On a change to
 * mode bridged they are removed last: the module needs them to find the
 * sessions that end.
 */
static int vns_network_switch(struct vns_ctx *ctx,
			      const struct vns_network *network,
			      const struct vns_network_options *from,
			      const struct vns_network_options *to)
{
	bool bridged = vns_network_bridged(to);

	if ((!bridged && vns_network_take_gateways(ctx, network, from, to)) ||
	    vns_network_send(ctx, network, to) ||
	    (bridged && vns_network_take_gateways(ctx, network, from, to)) ||
	    vns_network_give_gateway(ctx, network,
				     vns_network_gateway(to, AF_INET)) ||
	    vns_network_give_gateway(ctx, network,
				     vns_network_gateway(to, AF_INET6)))
		return VNS_FAIL;
	if (vns_network_bridged(to) && (to->subnet.plen || to->subnet6.plen))
		return vns_kept_write(ctx, network->ifindex, &to->subnet,
				      &to->subnet6);
	vns_kept_remove(ctx, network->ifindex);
	return VNS_OK;
}

/* Read the current settings, for undoing a change. */
static int vns_network_read(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    struct vns_network_options *options)
{
	struct vns_dhcp_status dhcp;

	memset(options, 0, sizeof(*options));
	options->mode = network->mode;
	strcpy(options->uplink, network->uplink);
	options->uplink_auto = network->uplink_auto || !network->uplink[0];
	options->isolate = network->isolate;
	options->share = network->share;
	options->firewall = network->firewall;
	options->mtu = network->mtu;
	options->ageing = network->ageing;
	memcpy(options->mac, network->mac, sizeof(options->mac));
	options->macnat = network->macnat;
	options->group_forward = network->group_forward;
	options->flood_limit = network->flood_limit;
	options->fastpath = network->fastpath;
	vns_dhcp_status(ctx, network->name, &dhcp);
	options->dhcp = dhcp.on;
	if (vns_network_bridged(options)) {
		vns_kept_read(ctx, network->ifindex, &options->subnet,
			      &options->subnet6);
		return VNS_OK;
	}
	if (vns_subnet_of(ctx, network->ifindex, AF_INET, &options->subnet))
		return VNS_FAIL;
	return vns_subnet_of(ctx, network->ifindex, AF_INET6,
			     &options->subnet6);
}

/* Take settings that were not given from the current ones. */
static void vns_network_merge(const struct vns_network_options *old,
			      struct vns_network_options *new)
{
	unsigned int seen = new->seen;

	if (!(seen & VNS_BIT(VNS_NETWORK_MODE)))
		new->mode = old->mode;
	if (!(seen & VNS_BIT(VNS_NETWORK_UPLINK))) {
		strcpy(new->uplink, old->uplink);
		new->uplink_auto = old->uplink_auto;
	}
	if (!(seen & VNS_BIT(VNS_NETWORK_SHARE)))
		new->share = old->share && new->mode == old->mode;
	if (!(seen & VNS_BIT(VNS_NETWORK_MTU)))
		new->mtu = old->mtu;
	if (!(seen & VNS_BIT(VNS_NETWORK_DHCP)))
		new->dhcp = old->dhcp;
	if (!(seen & VNS_BIT(VNS_NETWORK_SUBNET))) {
		new->subnet_kind = VNS_SUBNET_KEEP;
		new->subnet = old->subnet;
	}
	if (!(seen & VNS_BIT(VNS_NETWORK_SUBNET6))) {
		new->subnet6_kind = VNS_SUBNET_KEEP;
		new->subnet6 = old->subnet6;
	}
}

/*
 * Choose the uplink for "auto". A bridged network keeps its uplink until the
 * user sets "uplink" again.
 */
static int vns_network_plan_uplink(struct vns_ctx *ctx,
				   const struct vns_network *network,
				   const struct vns_network_options *old,
				   struct vns_network_options *new)
{
	char what[64];
	bool other;

	if (!vns_network_bridged(new) && new->uplink_auto)
		new->uplink[0] = '\0';
	else if (vns_network_bridged(new) && !new->uplink[0] &&
		 vns_uplink_choose(ctx, network->name, new->uplink))
		return VNS_FAIL;
	other = strcmp(old->uplink, new->uplink) ||
		old->uplink_auto != new->uplink_auto;
	if (other)
		new->seen |= VNS_BIT(VNS_NETWORK_UPLINK);
	if (!vns_network_bridged(new) || (vns_network_bridged(old) && !other))
		return VNS_OK;
	snprintf(what, sizeof(what), "change network %s", network->name);
	return vns_uplink_is_taken(ctx, what, new->uplink, network->ifindex) ?
	       VNS_FAIL : VNS_OK;
}

/*
 * Something on the host may use a kept subnet by now: then choose another one.
 */
static int vns_network_plan_return(struct vns_ctx *ctx,
				   const struct vns_network *network,
				   const struct vns_subnet *subnet,
				   enum vns_subnet_kind *kind)
{
	bool taken;

	if (*kind != VNS_SUBNET_KEEP || !subnet->plen)
		return VNS_OK;
	if (vns_subnet_is_taken(ctx, subnet, network->ifindex, &taken))
		return VNS_FAIL;
	if (!taken)
		return VNS_OK;
	vns_note("the host now uses the old subnet of %s: the network gets another one",
		 network->name);
	*kind = VNS_SUBNET_AUTO;
	return VNS_OK;
}

/* Check the wanted settings and complete them. */
static int vns_network_plan(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    const struct vns_network_options *old,
			    struct vns_network_options *new)
{
	const char *misfit;

	vns_network_merge(old, new);
	misfit = vns_network_misfit(new);
	if (misfit) {
		vns_error("%s", misfit);
		vns_hint("vnetshare network set %s mode nat", network->name);
		return VNS_FAIL;
	}
	/* the network never had a gateway: choose defaults as for a new one */
	if (!vns_genl_has_gateway(old->mode) &&
	    vns_genl_has_gateway(new->mode) &&
	    !old->subnet.plen && !old->subnet6.plen &&
	    vns_network_complete(new))
		return VNS_FAIL;
	if (vns_network_plan_uplink(ctx, network, old, new))
		return VNS_FAIL;
	if (vns_network_bridged(old) && !vns_network_bridged(new) &&
	    (vns_network_plan_return(ctx, network, &new->subnet,
				     &new->subnet_kind) ||
	     vns_network_plan_return(ctx, network, &new->subnet6,
				     &new->subnet6_kind)))
		return VNS_FAIL;
	if (vns_network_find_subnets(ctx, network->name, network->ifindex, new))
		return VNS_FAIL;
	return new->dhcp && !vns_confirm_is_undoing() ?
	       vns_dhcp_check(network->name) : VNS_OK;
}

/* Are all settings equal that dnsmasq depends on? */
static bool vns_network_same(const struct vns_network_options *a,
			     const struct vns_network_options *b)
{
	return a->mode == b->mode && a->share == b->share &&
	       a->mtu == b->mtu && !strcmp(a->uplink, b->uplink) &&
	       vns_subnet_equal(&a->subnet, &b->subnet) &&
	       vns_subnet_equal(&a->subnet6, &b->subnet6);
}

/*
 * Start or stop DHCP. In a mode without a gateway, the supervisor waits for
 * another mode and keeps the leases.
 */
static int vns_network_serve(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_network_options *options)
{
	struct vns_dhcp_status dhcp;

	if (!options->dhcp)
		return vns_dhcp_stop(ctx, network->name, false);
	vns_dhcp_status(ctx, network->name, &dhcp);
	if (dhcp.pid || (!vns_genl_has_gateway(options->mode) &&
			 vns_dhcp_is_watched(ctx, network->name)))
		return VNS_OK;
	return vns_dhcp_start(ctx, network->name, network->ifindex);
}

/* Do VMs lose the IPv6 router that dnsmasq has announced? */
static bool vns_network_resigns(const struct vns_network_options *old,
				const struct vns_network_options *new)
{
	return old->dhcp && old->subnet6.plen &&
	       vns_genl_has_gateway(old->mode) &&
	       (!new->dhcp || !vns_genl_has_gateway(new->mode) ||
		!vns_subnet_equal(&old->subnet6, &new->subnet6));
}

static int vns_network_apply(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_network_options *old,
			     const struct vns_network_options *new)
{
	/* dnsmasq must not see the removal of an address */
	if (old->dhcp && (!vns_network_same(old, new) || !new->dhcp) &&
	    vns_dhcp_stop(ctx, network->name, true))
		return VNS_FAIL;
	if (vns_network_resigns(old, new))
		vns_ra_resign(network->ifindex, &old->subnet6);
	if (vns_network_switch(ctx, network, old, new))
		return VNS_FAIL;
	if (!vns_network_serve(ctx, network, new))
		return VNS_OK;
	/* the connection to the machine matters more than DHCP */
	if (!vns_confirm_is_undoing())
		return VNS_FAIL;
	vns_warning("%s has no DHCP and DNS now", network->name);
	return VNS_OK;
}

/*
 * Return to the old settings, however far the change got. A change of the mode
 * has switched sharing off.
 */
static void vns_network_undo(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_network_options *new,
			     struct vns_network_options *old)
{
	old->seen = new->seen;
	if (old->mode != new->mode && old->share)
		old->seen |= VNS_BIT(VNS_NETWORK_SHARE);
	vns_network_switch(ctx, network, new, old);
	vns_network_serve(ctx, network, old);
}

/*
 * The change that restores the old settings later. It covers every setting that
 * the first change concerns.
 */
static void vns_network_revert(const struct vns_network_options *old,
			       const struct vns_network_options *new,
			       struct vns_network_options *revert)
{
	*revert = *old;
	revert->seen = (new->seen & ~VNS_BIT(VNS_NETWORK_CONFIRM)) |
		       VNS_BIT(VNS_NETWORK_SUBNET) |
		       VNS_BIT(VNS_NETWORK_SUBNET6);
	revert->subnet_kind = VNS_SUBNET_KEEP;
	revert->subnet6_kind = VNS_SUBNET_KEEP;
	/* sharing and DHCP depend on the old mode */
	revert->seen &= ~(VNS_BIT(VNS_NETWORK_SHARE) |
			  VNS_BIT(VNS_NETWORK_DHCP));
	if (old->share != new->share)
		revert->seen |= VNS_BIT(VNS_NETWORK_SHARE);
	if (!old->dhcp || vns_genl_has_gateway(old->mode))
		revert->seen |= VNS_BIT(VNS_NETWORK_DHCP);
}

/* Called by the process that undoes an unconfirmed change. */
static int vns_network_change_back(struct vns_ctx *ctx, const char *name,
				   const void *data)
{
	const struct vns_network_options *revert = data;
	struct vns_network_options options = *revert;

	return vns_network_change(ctx, name, &options);
}

/* Make the change; with "confirm", start the process that undoes it first. */
static int vns_network_do(struct vns_ctx *ctx,
			  const struct vns_network *network,
			  struct vns_network_options *old,
			  const struct vns_network_options *new)
{
	struct vns_network_options revert;
	int undoer = -1, ret;

	if (new->confirm) {
		vns_network_revert(old, new, &revert);
		undoer = vns_confirm_begin(ctx, network, new->confirm,
					   vns_network_change_back, &revert);
		if (undoer < 0)
			return VNS_FAIL;
	}
	ret = vns_network_apply(ctx, network, old, new);
	if (ret)
		vns_network_undo(ctx, network, new, old);
	if (new->confirm)
		vns_confirm_settle(undoer, !ret);
	return ret;
}

/**
 * vns_network_change - change a network: all requested changes, or none
 * @options: the requested settings; completed
 */
int vns_network_change(struct vns_ctx *ctx, const char *name,
		       struct vns_network_options *options)
{
	struct vns_network_options old;
	struct vns_network network;
	int lock, ret = VNS_FAIL;

	lock = vns_state_begin();
	if (lock < 0)
		return VNS_FAIL;
	if (!vns_genl_network_get(ctx, name, &network) &&
	    !vns_confirm_permits(ctx, &network) &&
	    !vns_network_read(ctx, &network, &old) &&
	    !vns_network_plan(ctx, &network, &old, options))
		ret = vns_network_do(ctx, &network, &old, options);
	if (!ret)
		vns_confirm_undone();
	vns_state_end(lock);
	if (!ret && (options->seen & VNS_NETWORK_WAY_KEYS))
		ret = vns_genl_network_get(ctx, name, &network);
	if (!ret && (options->seen & VNS_NETWORK_WAY_KEYS))
		vns_firewall_warn(ctx, &network);
	return ret;
}
