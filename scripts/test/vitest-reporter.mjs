import { writeFileSync } from 'node:fs'

/**
 * Counts what a vitest run did, for the run's last lines, and names what failed. Errors outside any test (a file that does not load, an unhandled
 * rejection, a run that found no file) count as failures: otherwise they would be seen by nobody.
 * The counts go to the file that QUARRY_TEST_COUNTS names, or else to standard output.
 */
export default class CountsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    const failures = unhandledErrors.map((error) => `outside any test: ${error.message}`)
    for (const module of modules) {
      let failedTests = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') counts.passed += 1
        else if (state === 'failed') {
          failedTests += 1
          failures.push(`${module.relativeModuleId}: ${test.fullName}`)
        } else counts.skipped += 1
      }
      // A module fails without a failed test when it does not load, or when a hook of it throws.
      if (failedTests === 0 && module.state() === 'failed') failures.push(module.relativeModuleId)
      counts.failed += failedTests === 0 && module.state() === 'failed' ? 1 : failedTests
    }
    const target = process.env.QUARRY_TEST_COUNTS
    if (target === undefined) console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    else writeFileSync(target, JSON.stringify({ ...counts, failures }))
  }
}
