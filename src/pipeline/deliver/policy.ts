// What the file of channels may say of any channel, and the policy that comes of it.
import { z } from 'zod';
import { DURATION_FORM, parseDayTime, parseDuration } from '../../catalogue/duration.js';
import { wholeSetting } from '../../events/settings.js';
import type { ChannelPolicy, QuietHours, Rate } from '../../ports/channel.js';

function durationSetting(leastMs: number, mostMs: number) {
  return z
    .string()
    .refine(
      (text) => {
        const spanMs = parseDuration(text);
        return spanMs !== null && spanMs >= leastMs && spanMs <= mostMs;
      },
      `${DURATION_FORM}, from ${leastMs / 1_000} s to ${mostMs / 1_000} s`,
    )
    .transform((text) => parseDuration(text) ?? 0);
}

const DAY_MS = 86_400_000;
const clock = z
  .string()
  .refine((text) => !Number.isNaN(parseDayTime(text)), 'a time of day such as 22:00')
  .transform((text) => parseDayTime(text) / 60_000);

const quiet = z
  .strictObject({
    from: clock,
    to: clock,
    /** Red is never quiet. */
    levels: z
      .array(z.enum(['blue', 'yellow', 'orange'], 'one of blue, yellow, orange'))
      .default(['blue', 'yellow']),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'another time of day than from' })
  .transform(({ from, to, levels }): QuietHours => ({ fromMinute: from, toMinute: to, levels }));

/** Keys of everything that is reached over the network. */
const REACH_SHAPE = {
  /** Of one attempt. */
  timeout: durationSetting(1_000, 120_000).default(10_000),
  /** Ranges that may be called although they are not public. */
  allow_addresses: z
    .array(z.string().regex(/^[0-9a-fA-F.:]{2,45}\/\d{1,3}$/, 'a range such as 10.20.0.0/16'))
    .max(100, 'at most 100 ranges')
    .default([]),
};

/** Keys of every channel. */
const COMMON_SHAPE = {
  ...REACH_SHAPE,
  attempts: wholeSetting(1, 100).default(10),
  give_up_after: durationSetting(60_000, 30 * DAY_MS).default(DAY_MS / 4),
  backoff_first: durationSetting(1_000, DAY_MS).default(2_000),
  backoff_most: durationSetting(1_000, DAY_MS).default(600_000),
  circuit_failures: wholeSetting(1, 1_000).default(5),
  circuit_cool_down: durationSetting(1_000, DAY_MS).default(60_000),
  /** Messages to one endpoint, where that may be fewer than the receiver allows. */
  per_minute: wholeSetting(1, 10_000).optional(),
  in_doubt: z.enum(['repeat', 'avoid'], 'one of repeat, avoid').default('repeat'),
  quiet: quiet.optional(),
};

export type CommonSettings = z.output<z.ZodObject<typeof COMMON_SHAPE>>;

/** The schema of one channel in the file. */
export function channelSchema<Shape extends z.ZodRawShape>(kind: string, shape: Shape) {
  return z.strictObject({ kind: z.literal(kind), ...COMMON_SHAPE, ...shape });
}

/** The schema of one holder of seals in the file. */
export function holderSchema<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({ ...REACH_SHAPE, ...shape });
}

/** What is the same for all channels of a kind. */
export interface KindPolicy {
  readonly knowsKey: boolean;
  /** What the receiver allows for one endpoint. */
  readonly rates: readonly Rate[];
  readonly concurrent: number;
}

export function policyOf(
  settings: CommonSettings,
  { knowsKey, rates, concurrent }: KindPolicy,
): ChannelPolicy {
  const own = settings.per_minute === undefined ? [] : [{ count: settings.per_minute, perMs: 60_000 }];
  return {
    batch: 1,
    attempts: settings.attempts,
    giveUpAfterMs: settings.give_up_after,
    backoffFirstMs: settings.backoff_first,
    backoffMaxMs: Math.max(settings.backoff_first, settings.backoff_most),
    circuitFailures: settings.circuit_failures,
    circuitCoolDownMs: settings.circuit_cool_down,
    rates: [...rates, ...own],
    concurrent,
    knowsKey,
    inDoubt: settings.in_doubt,
    quiet: settings.quiet ?? null,
    isPatient: false,
  };
}
