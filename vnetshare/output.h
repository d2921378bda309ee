/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_OUTPUT_H
#define _VNETSHARE_OUTPUT_H

struct sk_buff;
struct vns_port;

void vns_output(struct vns_port *port, struct sk_buff *skb);
void vns_output_native(struct vns_port *port, struct sk_buff *skb);

#endif /* _VNETSHARE_OUTPUT_H */
