import { writeFileSync } from 'node:fs'

/** Counts what a Playwright run did, as vitest-reporter.mjs does; an error outside any test counts as a failure. */
export default class CountsReporter {
  #errors = 0
  #suite

  onBegin(_config, suite) {
    this.#suite = suite
  }

  onError() {
    this.#errors += 1
  }

  onEnd() {
    const counts = { passed: 0, failed: this.#errors, skipped: 0 }
    const failures = []
    for (const test of this.#suite?.allTests() ?? []) {
      const outcome = test.outcome()
      if (outcome === 'unexpected') failures.push(test.titlePath().filter(Boolean).join(': '))
      if (outcome === 'skipped') counts.skipped += 1
      else counts[outcome === 'unexpected' ? 'failed' : 'passed'] += 1
    }
    const target = process.env.QUARRY_TEST_COUNTS
    if (target === undefined) console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    else writeFileSync(target, JSON.stringify({ ...counts, failures }))
  }

  printsToStdio() {
    return false
  }
}
