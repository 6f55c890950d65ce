import { describe } from 'vitest'
import { causeEach } from '../fixtures/alerts/fault.ts'
import { FAULT_GROUPS } from '../fixtures/alerts/table.ts'

describe('alerts of a real Prometheus: hanging', () => {
  causeEach(FAULT_GROUPS.hanging)
})
