// HEALTHCHECK of the images: whether this container's process is ready. Node asks, since the slim base has no curl.
//   node docker/healthcheck.mjs PORT   the variable that has the port
const port = process.env[process.argv[2] ?? 'PORT'] ?? '3000'
/** Less than the timeout of the HEALTHCHECK, so that the reason is told and not only the time. */
const TIMEOUT_MS = 4_000

try {
  const answer = await fetch(`http://127.0.0.1:${port}/api/health/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
