import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { walk } from './walk.ts'

let root = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quarry-walk-'))
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

const put = async (...names: string[]): Promise<void> => {
  for (const name of names) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), name)
  }
}

const pathsOf = async (...given: string[]): Promise<string[]> => (await walk(given, root)).files.map(({ path }) => path)

describe('walk', () => {
  it('names files in a folder by their path inside it, in order', async () => {
    await put('docs/b.md', 'docs/a.md', 'docs/deep/er/c.txt')
    expect(await pathsOf('docs')).toEqual(['a.md', 'b.md', 'deep/er/c.txt'])
    expect(await pathsOf('./docs/')).toEqual(['a.md', 'b.md', 'deep/er/c.txt'])
    expect(await pathsOf('docs/deep')).toEqual(['er/c.txt'])
  })

  it('names a file that is given itself by its own name, with its size and place', async () => {
    await put('docs/deep/c.txt')
    expect((await walk(['docs/deep/c.txt'], root)).files).toEqual([
      { path: 'c.txt', absolutePath: join(root, 'docs/deep/c.txt'), sizeBytes: 'docs/deep/c.txt'.length },
    ])
  })

  it('skips what is hidden, unless it is given itself', async () => {
    await put('docs/.git/config', 'docs/.env', 'docs/a.md', '.notes/b.md')
    expect(await pathsOf('docs')).toEqual(['a.md'])
    expect(await pathsOf('.notes', 'docs/.env')).toEqual(['b.md', '.env'])
  })

  it('keeps names of any script, composed', async () => {
    await put('docs/Prüfbericht.pdf'.normalize('NFD'), 'docs/合同 2026.txt', 'docs/пример.md')
    expect((await pathsOf('docs')).toSorted()).toEqual([
      'Prüfbericht.pdf'.normalize('NFC'),
      'пример.md',
      '合同 2026.txt',
    ])
  })

  it('leaves out a name with control characters, and says so', async () => {
    await put('docs/a.md', 'docs/b\u001B[2J.md')
    const { files, leftOut } = await walk(['docs'], root)
    expect(files.map(({ path }) => path)).toEqual(['a.md'])
    expect(leftOut).toEqual([{ path: 'b\u001B[2J.md', reason: expect.stringContaining('control characters') }])
  })

  it('follows links to files inside the folder, and none that lead out', async () => {
    await put('docs/a.md', 'secret/key.txt', 'docs-of-others/x.md')
    await symlink('a.md', join(root, 'docs/inside.md'))
    await symlink('../secret/key.txt', join(root, 'docs/outside.txt'))
    await symlink('../docs-of-others/x.md', join(root, 'docs/neighbour.md'))
    await symlink('../secret', join(root, 'docs/folder'))
    await symlink('nowhere', join(root, 'docs/dangling'))
    const { files, leftOut } = await walk(['docs'], root)
    expect(files.map(({ path }) => path)).toEqual(['a.md', 'inside.md'])
    expect(leftOut.map(({ path }) => path).toSorted()).toEqual(['dangling', 'folder', 'neighbour.md', 'outside.txt'])
  })

  it('ends where a folder links to itself', async () => {
    await put('docs/a.md')
    await symlink('.', join(root, 'docs/again'))
    await symlink('..', join(root, 'docs/up'))
    expect(await pathsOf('docs')).toEqual(['a.md'])
  })

  it('takes a file that is named twice once', async () => {
    await put('a.md')
    expect(await pathsOf('a.md', './a.md')).toEqual(['a.md'])
  })

  it('refuses two files of one name', async () => {
    await put('one/a.md', 'two/a.md')
    await expect(walk(['one', 'two'], root)).rejects.toThrow(/would both be named a\.md/u)
  })

  it('refuses what is not there', async () => {
    await expect(walk(['nowhere.pdf'], root)).rejects.toThrow('There is no file or folder nowhere.pdf.')
  })
})
