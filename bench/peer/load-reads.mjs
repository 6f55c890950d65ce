import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** As many as the peer has connections to Redis; each asks again as soon as it has been answered. */
export const CONNECTIONS = 50
const UNITS = { us: 0.001, ms: 1, s: 1_000 }

/** Requests a second and p99 of one address, measured by wrk on one thread. Throws where not every answer is 200. */
export const loadReads = async ({ url, headers, seconds }) => {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', '--timeout', '10s', ...given, url]
  const { stdout } = await promisify(execFile)('wrk', args)
  const failed = /Non-2xx or 3xx responses: .*|Socket errors: .*/.exec(stdout)?.[0]
  if (failed !== undefined) throw new Error(`${url}: ${failed}`)
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
  const [, digits, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? []
  return { perSecond: Math.round(perSecond), p99Ms: Number((Number(digits) * UNITS[unit]).toFixed(2)) }
}
