/** Prints what was found and ends with code 1, or says nothing. @param {string[]} problems @param {string} what */
export const report = (problems, what) => {
  for (const problem of problems) console.log(problem)
  if (problems.length > 0) console.log(`${problems.length} ${what}`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
