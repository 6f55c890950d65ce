import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { NODE_VERSION, PNPM_VERSION } from '../../scripts/boot/toolchain.mjs'
import { keptBy } from './context.mjs'
import { assignments, expand, parseDockerfile, stagesFor } from './dockerfile.mjs'

const root = path.join(import.meta.dirname, '../..')
const text = readFileSync(path.join(root, 'docker/Dockerfile'), 'utf8')
const { stages } = parseDockerfile(text)
const stage = (name: string) => stages.find((one) => one.name === name)
const steps = (name: string) => stagesFor(stages, name).flatMap((one) => one.steps)

describe('the images', () => {
  it('are made with the toolchain that the product is tested with', () => {
    expect(stages[0]?.from).toBe(`node:${NODE_VERSION}-bookworm-slim`)
    expect(text).toContain(`pnpm@${PNPM_VERSION}`)
  })
  it.each(['web', 'worker'])('%s runs as nobody in particular, by number, and says how it is', (name) => {
    const own = stagesFor(stages, name)
    const runtime = own.filter((one) => one.name === 'runtime' || one.name === name).flatMap((one) => one.steps)
    expect(runtime.findLast(({ verb }) => verb === 'USER')?.text).toBe('1000:1000')
    // Nothing is installed or changed after that line.
    expect(stage(name)?.steps.filter(({ verb }) => verb === 'RUN' || verb === 'USER')).toEqual([])
    expect(runtime.filter(({ verb }) => verb === 'HEALTHCHECK')).toHaveLength(1)
    expect(runtime.filter(({ verb }) => verb === 'CMD')).toHaveLength(1)
  })
  it.each(['web', 'worker'])('%s copies and runs what is there', (name) => {
    const files = steps(name).flatMap(({ verb, args, flags }) => {
      if (verb === 'CMD') return [args[1] ?? '']
      // Of another stage: what was not there before it is made by its steps.
      if (verb !== 'COPY') return []
      const sources = args.slice(0, -1)
      if (flags.from === undefined) return sources
      return sources.map((one) => one.replace('/quarry/', '')).filter((one) => !/node_modules|\.next/.test(one))
    })
    expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
  })
  it('web has the whole entry: it imports nothing that is not copied', () => {
    const entry = path.join(root, 'apps/web/src/entry')
    const files = readdirSync(entry).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    const imported = files.flatMap((name) =>
      [...readFileSync(path.join(entry, name), 'utf8').matchAll(/ from '([^']+)'/g)].map(([, from = '']) => from),
    )
    const known = (from: string) => /^(node:|\.\/)/.test(from) || from === '../server/entry-port.ts'
    expect(imported.length).toBeGreaterThan(10)
    expect(imported.filter((from) => !known(from))).toEqual([])
  })
})

describe('the context', () => {
  const kept = keptBy(readFileSync(path.join(root, '.dockerignore'), 'utf8'))
  it.each(['.env', 'docker/.env', '.git/config', 'apps/web/node_modules/next/package.json', '.quarry/auth-secret'])(
    'has no %s',
    (file) => expect(kept(file)).toBe(false),
  )
  it.each(['package.json', 'pnpm-lock.yaml', 'apps/worker/src/main.ts', 'packages/db/migrations/0000_roles.sql'])(
    'has %s',
    (file) => expect(kept(file)).toBe(true),
  )
  it('goes by the last rule that fits', () => {
    const some = keptBy('**/*.md\n!docs/kept.md\n# a comment\nbuild')
    expect(['a.md', 'docs/a.md', 'docs/kept.md', 'build/x/y', 'src/build.ts'].map(some)).toEqual([
      false,
      false,
      true,
      false,
      true,
    ])
  })
})

describe('the language', () => {
  it('joins lines, takes flags apart, and goes from stage to stage', () => {
    const parsed = parseDockerfile(
      'ARG OF=node:1\nFROM ${OF} AS a\nENV A=1 \\\n    B="two words"\nFROM a AS b\nCOPY --from=a --chown=node /x y/\nFROM a AS c\n',
    )
    expect(parsed.stages.map(({ name, from }) => [name, from])).toEqual([
      ['a', 'node:1'],
      ['b', 'a'],
      ['c', 'a'],
    ])
    expect(assignments(parsed.stages[0]?.steps[0]?.text ?? '')).toEqual({ A: '1', B: 'two words' })
    expect(parsed.stages[1]?.steps[0]).toMatchObject({ flags: { from: 'a', chown: 'node' }, args: ['/x', 'y/'] })
    expect(stagesFor(parsed.stages, 'b').map(({ name }) => name)).toEqual(['a', 'b'])
    expect(expand('${A}/$B/$C', { A: '1', B: '2' })).toBe('1/2/')
  })
  it.each(['ADD x y', 'COPY --link x y', 'SHELL ["/bin/bash"]'])('refuses %s, which it would have to guess', (line) => {
    expect(() => parseDockerfile(`FROM x AS a\n${line}\n`)).toThrow('is not known here')
  })
})
