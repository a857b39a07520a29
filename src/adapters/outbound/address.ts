// Which addresses may be called: those of the public network, and those that the configuration lists.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** `::/96`, which stands for IPv4 addresses and is long deprecated (RFC 4291, 2.5.5.1): systems may still route it so. */
const COMPATIBLE: Range = [ipaddr.IPv6.parse('::'), 96];

/** Decides by address; a name is decided by the addresses that it resolves to, at the moment of connecting. */
export class Addresses {
  private readonly allowed: readonly Range[];

  /** @param allowed ranges that may be called although they are not public, such as `10.20.0.0/16`; see `isRange` */
  constructor(allowed: readonly string[]) {
    this.allowed = allowed.map((range) => ipaddr.parseCIDR(range));
  }

  /**
   * Whether an address may be called. Loopback, link-local, private, unique-local, shared, multicast, reserved and
   * unspecified ones may not, nor what embeds IPv4 (mapped, translated, 6to4, Teredo); a mapped one is judged as IPv4.
   * @param address IPv4 or IPv6, without brackets
   */
  allows(address: string): boolean {
    const [bare = ''] = address.split('%');
    if (isIP(bare) === 0) return false;
    const parsed = ipaddr.process(bare);
    if (this.allowed.some((range) => within(parsed, range))) return true;
    return parsed.range() === 'unicast' && !within(parsed, COMPATIBLE);
  }
}

/** Whether a text is a range of addresses in CIDR notation. */
export function isRange(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

function within(address: ipaddr.IPv4 | ipaddr.IPv6, [base, bits]: Range): boolean {
  return address.kind() === base.kind() && address.match(base, bits);
}
