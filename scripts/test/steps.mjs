import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROOT } from '../boot/paths.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const live = new Set()

/** Kills what steps have under way. */
export const endSteps = () => {
  for (const child of live) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
}

/** Tools cannot see whether what they write ends in a terminal: they write to us. */
const COLOURS = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }

const bin = (name) => path.join(ROOT, 'node_modules', '.bin', name)

const run = (file, args, env = {}) =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: ROOT,
      env: { ...process.env, ...COLOURS, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    live.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part))
    const end = (code) => {
      live.delete(child)
      resolve({ code, output })
    }
    child.on('error', (error) => {
      output += error.message
      end(127)
    })
    child.on('close', (code, signal) => {
      if (signal !== null) output += `\n${path.basename(file)} was ended by ${signal}\n`
      end(code ?? 1)
    })
  })

/**
 * A check that passes or fails as a whole, and counts as one.
 *
 * @param {string} tool a program of node_modules/.bin, or a file of scripts/
 */
export const check = async (tool, args = [], env = {}) => {
  const own = path.join(ROOT, 'scripts', tool)
  const { code, output } = existsSync(own)
    ? await run(process.execPath, [own, ...args], env)
    : await run(bin(tool), args, env)
  return { counts: code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }, output }
}

const suite = async (tool, args, env) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-counts-'))
  const file = path.join(folder, 'counts.json')
  try {
    const { code, output } = await run(bin(tool), args, { ...env, QUARRY_TEST_COUNTS: file })
    const { failures = [], ...counts } = existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : { passed: 0, failed: 0, skipped: 0 }
    // The runner failed although no test did: nothing was found, or it crashed.
    if (code !== 0 && counts.failed === 0) counts.failed = 1
    return { counts, output, failures }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Files at the same time where that is not what the configuration says. Many tests wait, for a deadline to pass or for a
 * server to be there again: so one more is under way than there are cores. With four, tests that bound a time were late.
 */
const AT_ONCE = { unit: 3, db: 3 }

/** Runs one project of vitest.config.ts. */
export const vitest = (project, env = {}) =>
  suite(
    'vitest',
    [
      'run',
      '--project',
      project,
      ...(AT_ONCE[project] === undefined ? [] : [`--maxWorkers=${AT_ONCE[project]}`]),
      '--reporter=default',
      '--reporter=./scripts/test/vitest-reporter.mjs',
    ],
    env,
  )

/** Runs the browser tests. */
export const playwright = (env, args = []) =>
  suite('playwright', ['test', '--reporter=line,./scripts/test/playwright-reporter.mjs', ...args], env)
