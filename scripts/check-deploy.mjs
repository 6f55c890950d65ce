// Has the tools themselves read what is in docker/: `docker-compose config`, `kubectl kustomize` of the base and of each
// overlay, promtool the alerts with their tests and what the
// dashboards ask, and PgBouncer its configuration. Part of `npm run proof`, which installs them where it can; no engine is needed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { command } from './services/command.mjs'
import { findProgram, PROGRAMS } from './services/installed-program.mjs'
import { report } from './check/report.mjs'
import { DASHBOARDS } from '../docker/grafana/panels.mjs'

const DOCKER = path.join(import.meta.dirname, '..', 'docker')
const say = (message) => process.stderr.write(`${message}\n`)
const problems = []
const note = (what, { code, stdout, stderr }) => {
  if (code !== 0) problems.push(`${what}: ${`${stderr}${stdout}`.trim().split('\n').slice(-5).join('\n  ')}`)
}

/** The example with something in what it leaves empty. */
const filledIn = (folder) => {
  const file = path.join(folder, 'env')
  const text = readFileSync(path.join(DOCKER, '.env.example'), 'utf8')
  writeFileSync(file, text.replaceAll(/^(\w+)=$/gm, '$1=0123456789abcdef0123456789abcdef'))
  return file
}

const checkCompose = async (folder) => {
  const compose = await findProgram(PROGRAMS.compose, say)
  const file = path.join(DOCKER, 'compose.yaml')
  note('docker-compose config', await command(compose, ['--env-file', filledIn(folder), '-f', file, 'config', '-q']))
  const empty = path.join(DOCKER, '.env.example')
  const refused = await command(compose, ['--env-file', empty, '-f', file, 'config', '-q'])
  if (refused.code === 0) problems.push('docker-compose config accepts an example that nobody has filled in')
}

const checkKustomize = async () => {
  const kubectl = await findProgram(PROGRAMS.kubectl, say)
  const folder = path.join(DOCKER, 'kubernetes')
  const overlays = readdirSync(path.join(folder, 'overlays')).map((name) => path.join('overlays', name))
  for (const name of ['base', ...overlays])
    note(`kubectl kustomize ${name}`, await command(kubectl, ['kustomize', path.join(folder, name)]))
}

/** What the dashboards ask, as rules, which promtool reads. */
const asRules = (folder) => {
  const file = path.join(folder, 'dashboards.yml')
  const expressions = Object.values(DASHBOARDS).flatMap(({ panels }) =>
    panels.flatMap(({ lines }) => lines.map(([, expr]) => expr.replaceAll('$__rate_interval', '1m'))),
  )
  const rules = expressions.map((expr, i) => ({ record: `dashboard:${i}`, expr }))
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }))
  return file
}

const checkPrometheus = async (folder) => {
  const promtool = await findProgram(PROGRAMS.promtool, say)
  const rules = path.join(DOCKER, 'prometheus', 'rules')
  note('promtool check rules', await command(promtool, ['check', 'rules', path.join(rules, 'quarry.yml')]))
  note('promtool check rules (dashboards)', await command(promtool, ['check', 'rules', asRules(folder)]))
  note('promtool test rules', await command(promtool, ['test', 'rules', path.join(rules, 'quarry.test.yml')]))
}

/** Starts it as its image does, until it says that it is up. */
const checkPgbouncer = async (folder) => {
  const pgbouncer = await findProgram(PROGRAMS.pgbouncer, say)
  const child = spawn('sh', [path.join(DOCKER, 'pgbouncer', 'start.sh')], {
    env: { ...process.env, PGBOUNCER: pgbouncer, PGBOUNCER_RUN: folder, LOGIN_PASSWORD: 'of-a-test' },
    // It refuses to run as root; `nobody` can write to the folder that it is given.
    ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const up = await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 15_000)
    const end = (value) => {
      clearTimeout(timer)
      resolve(value)
    }
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => {
        output += part
        if (/process up/.test(output)) end(true)
      })
    child.on('close', () => end(false))
    child.on('error', () => end(false))
  })
  child.kill('SIGKILL')
  if (!up || /(ERROR|WARNING|FATAL)/.test(output)) problems.push(`pgbouncer: ${output.trim()}`)
}

const inFolder = async (run) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-deploy-'))
  await command('chmod', ['0777', folder])
  try {
    await run(folder)
  } catch (error) {
    problems.push(error.message)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await inFolder(checkCompose)
await inFolder(checkKustomize)
await inFolder(checkPrometheus)
await inFolder(checkPgbouncer)
report(problems, 'things in docker/ that their tools refuse')
