import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startScene } from '../../bench/roll/scene.mjs'
import { CHECKOUT } from '../fixtures/product/start-product.ts'

const PER_SECOND = 20
const REPLICAS = 2
/** What `openBuild` wants, and all that the processes read. */
const PARTS = ['package.json', 'tsconfig.base.json', 'apps', 'packages', 'node_modules']

const status = z.object({
  version: z.string(),
  buildFolder: z.string(),
  processes: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      pid: z.number(),
      ready: z.boolean(),
      version: z.string().optional(),
    }),
  ),
})

let scene: Awaited<ReturnType<typeof startScene>>
let folder: string

/** Another checkout that is built: the files of this one by hard links, so on the same disk, and some of its own. */
const otherBuild = (name: string, files: Readonly<Record<string, string>>): string => {
  const build = join(folder, name)
  mkdirSync(build)
  execFileSync('cp', ['-al', ...PARTS.map((part) => join(CHECKOUT, part)), build])
  for (const [file, text] of Object.entries(files)) {
    // Written anew: the linked one is this checkout's, too.
    unlinkSync(join(build, file))
    writeFileSync(join(build, file), text)
  }
  return build
}
const withVersion = (version: string): Record<string, string> => {
  const manifest = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as object
  return { 'package.json': JSON.stringify({ ...manifest, version }) }
}

const statusNow = async () => {
  const view = status.parse(await scene.supervisor('status'))
  return { ...view, ours: view.processes.filter(({ kind }) => kind === 'web' || kind === 'worker') }
}
const foldersOf = async () => (await statusNow()).ours.map(({ pid }) => readlinkSync(`/proc/${pid}/cwd`))
const isIn = (build: string) => (cwd: string) => cwd === build || cwd.startsWith(`${build}/`)

beforeAll(async () => {
  mkdirSync(join(CHECKOUT, '.cache'), { recursive: true })
  folder = mkdtempSync(join(CHECKOUT, '.cache', 'builds-'))
  scene = await startScene({ replicas: REPLICAS, words: 20, betweenTokensMs: 20 })
})
afterAll(async () => {
  await scene?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What becomes of requests meanwhile. */
const during = async (work: () => Promise<unknown>) => {
  const ask = () => scene.answer({ signal: AbortSignal.timeout(60_000) })
  const [one, other] = await Promise.all([ask(), ask()])
  const requests = scene.requests(PER_SECOND, [one.conversationId, other.conversationId])
  await work()
  const counts = await requests.stop()
  expect(counts.answered, 'control: there were some').toBeGreaterThan(PER_SECOND)
  expect([counts, requests.samples]).toMatchObject([{ resets: 0, serverErrors: 0, refused: 0 }, []])
}

describe('check 12: a roll to another build, and back', () => {
  it('every process is of the new build, then of the previous one again, and nobody notices', async () => {
    const next = otherBuild('next', withVersion('99.0.0'))
    const { version: before } = await statusNow()
    expect((await foldersOf()).every(isIn(CHECKOUT))).toBe(true)
    await during(() => scene.supervisor('roll', { build: next }))
    expect(await statusNow()).toMatchObject({ version: '99.0.0', buildFolder: next })
    expect((await statusNow()).ours.map(({ version, ready }) => [version, ready])).toEqual(
      Array.from({ length: REPLICAS + 1 }, () => ['99.0.0', true]),
    )
    expect((await foldersOf()).every(isIn(next))).toBe(true)

    await during(() => scene.supervisor('roll', { build: CHECKOUT }))
    expect(await statusNow()).toMatchObject({ version: before, buildFolder: CHECKOUT })
    expect((await foldersOf()).some(isIn(next))).toBe(false)
  })

  it('mutation: a build whose worker does not start is taken back by itself, after its replicas were in', async () => {
    const broken = otherBuild('broken', {
      ...withVersion('99.0.1'),
      'apps/worker/src/main.ts': `process.stderr.write('this worker is broken\\n')\nprocess.exit(3)\n`,
    })
    const { version: before } = await statusNow()
    const said: string[] = []
    await during(() =>
      expect(scene.supervisor('roll', { build: broken }, (line: string) => void said.push(line))).rejects.toThrow(
        'all processes are of the build before',
      ),
    )
    expect(said.filter((line) => /^web-\d+: back to/.test(line))).toHaveLength(REPLICAS)
    expect((await statusNow()).ours.map(({ version, ready }) => [version, ready])).toEqual(
      Array.from({ length: REPLICAS + 1 }, () => [before, true]),
    )
    expect((await foldersOf()).some(isIn(broken))).toBe(false)
  })
})
