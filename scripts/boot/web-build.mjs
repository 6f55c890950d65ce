import { cpSync, existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { exclusively } from './exclusive.mjs'
import { BootFailure } from './failure.mjs'
import { ROOT, WEB } from './paths.mjs'
import { digestOf, manifests, readStamp, writeStamp } from './source-stamp.mjs'
import { runTool } from './tool-run.mjs'

const STAMP = path.join(WEB, '.next', 'quarry-build')
const LOG = path.join(ROOT, '.cache', 'web-build.log')
const STANDALONE = path.join(WEB, '.next', 'standalone', 'apps', 'web')

export const NEXT = path.join(WEB, 'node_modules', 'next', 'dist', 'bin', 'next')

/** The file that serves the built application. */
export const WEB_SERVER = path.join(STANDALONE, 'server.js')

/** Copied there by the build itself. */
const COPIED = path.join(WEB, 'public', 'pdfjs')

/** What `next build` reads. Tests and documents are not part of it: changing one must not cost a build. */
const wanted = () =>
  digestOf(
    ['apps/web', 'packages', 'pnpm-lock.yaml', 'tsconfig.base.json', ...manifests()],
    (file) => !/\.(test|proof)\.tsx?$|\.md$/.test(file) && !file.startsWith(COPIED) && !file.endsWith('next-env.d.ts'),
  )

export const isBuilt = () => existsSync(WEB_SERVER) && readStamp(STAMP) === wanted()

/** What the web application needs beside it before Next builds or serves it. */
export const prepareWeb = async (toolchain, env) => {
  const { code, output } = await runTool(toolchain.node, ['copy-pdf-assets.mjs'], { cwd: WEB, env, logFile: LOG })
  if (code !== 0) throw new BootFailure(`The web application cannot be prepared:\n${tail(output)}`)
}

/**
 * Builds the web application when something that it is made of has changed since the last time.
 *
 * @param {{ node: string }} toolchain
 * @param {Record<string, string>} env
 * @param {(message: string) => void} say
 */
export const buildWeb = async (toolchain, env, say) => {
  if (isBuilt()) return
  await exclusively(path.join(ROOT, '.cache', 'building'), async () => {
    if (isBuilt()) return
    say('Building the web application (only when its sources have changed) …')
    const stamp = wanted()
    rmSync(STAMP, { force: true })
    await prepareWeb(toolchain, env)
    const { code, output } = await runTool(toolchain.node, [NEXT, 'build'], {
      cwd: WEB,
      env: { ...env, NODE_ENV: 'production', NO_COLOR: '1' },
      logFile: LOG,
    })
    if (code !== 0) throw new BootFailure(`The web application does not build:\n${tail(output)}`)
    // Next leaves these two for a CDN; here the same server hands them out.
    for (const [from, to] of [
      ['.next/static', '.next/static'],
      ['public', 'public'],
    ]) {
      rmSync(path.join(STANDALONE, to), { recursive: true, force: true })
      if (existsSync(path.join(WEB, from))) cpSync(path.join(WEB, from), path.join(STANDALONE, to), { recursive: true })
    }
    writeStamp(STAMP, stamp)
  })
}

const tail = (output) => output.trim().split('\n').slice(-30).join('\n')
