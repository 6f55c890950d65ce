import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const manifest = (name: string, entries: Record<string, string>): string =>
  JSON.stringify({ name: `@quarry/${name}`, exports: entries })

/** A small project that every check accepts. */
const SOUND: Record<string, string> = {
  'package.json': JSON.stringify({ scripts: { start: 'x' } }),
  'packages/contracts/package.json': manifest('contracts', { '.': './src/index.ts' }),
  'packages/contracts/src/index.ts': "import { z } from 'zod'\nexport const id = z.string()\n",
  'packages/db/package.json': manifest('db', { '.': './src/index.ts', './testing': './src/testing/index.ts' }),
  'packages/db/src/index.ts': "import { id } from '@quarry/contracts'\nexport const table = id\n",
  'packages/db/src/testing/index.ts': 'export const clone = 1\n',
  'packages/api/package.json': manifest('api', { '.': './src/index.ts' }),
  'packages/api/src/index.ts': "export { id } from '@quarry/contracts'\nexport type Router = 1\n",
  'apps/web/src/features/chat/box.tsx': "import type { Router } from '@quarry/api'\nexport type X = Router\n",
}

/**
 * Runs a check of `scripts/` on a sound project with some files changed.
 *
 * @returns its exit code and what it printed
 */
export const runCheck = async (
  script: string,
  changed: Record<string, string> = {},
): Promise<{ code: number; output: string }> => {
  const root = mkdtempSync(path.join(tmpdir(), 'quarry-check-'))
  try {
    for (const [file, text] of Object.entries({ ...SOUND, ...changed })) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
      writeFileSync(path.join(root, file), text)
    }
    const checker = path.join(import.meta.dirname, '..', script)
    return await new Promise((resolve) => {
      execFile(process.execPath, [checker, root], (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
      })
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
