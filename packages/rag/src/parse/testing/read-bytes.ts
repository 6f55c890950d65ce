import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ReadStep } from '../parsed-page.ts'

/** What a reader makes of bytes, for tests: a line per block, after a line per section. */
export async function readBytes(
  read: (path: string) => AsyncGenerator<ReadStep>,
  bytes: Uint8Array,
): Promise<{ steps: ReadStep[]; lines: string[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'quarry-read-bytes-'))
  try {
    const file = path.join(folder, 'file')
    await writeFile(file, bytes)
    const steps: ReadStep[] = []
    for await (const step of read(file)) steps.push(step)
    return { steps, lines: steps.flatMap(linesOf) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function linesOf({ page, warning }: ReadStep): string[] {
  const name =
    page.label === undefined && warning === undefined ? [] : [`[${page.label ?? ''}] ${warning ?? ''}`.trim()]
  const blocks = page.blocks.map(
    ({ kind, level, start, end }) =>
      `${kind}${level === undefined ? '' : String(level)}: ${page.text.slice(start, end)}`,
  )
  return [...name, ...blocks]
}
