import type { CallLimits } from '../limits/call-limits.ts'

/** For tests of something else: they call more in a minute than anybody. */
export const unlimited: CallLimits = {
  requireAddress: () => undefined,
  charge: () => Promise.resolve(),
  chargeIfAllowed: () => Promise.resolve(true),
  chargeAtMost: (_, cost) => Promise.resolve(cost),
  refund: () => Promise.resolve(),
  chargeOrganisation: () => Promise.resolve(),
  headers: () => ({}),
}
