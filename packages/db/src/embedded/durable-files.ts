import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { vector } from '@electric-sql/pglite-pgvector'
import fs from 'node:fs'

/**
 * Opens the embedded database so that a commit outlives a loss of power. As it comes, PGlite runs with `fsync=off`, and
 * could not sync anyway: its file system (emscripten's NODEFS) has no `fsync`, and its `fdatasync` does nothing. A commit
 * that wrote something takes 2 ms longer for it.
 */
export const openDurable = (folder: string): Promise<PGlite> =>
  PGlite.create({
    fs: new DurableFiles(folder),
    startParams: [...PGlite.defaultStartParams.filter((name) => name !== '-F'), '-c', 'wal_sync_method=fsync'],
    extensions: { vector },
  })

class DurableFiles extends NodeFS {
  override async init(...[pg, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options)
    const preRun = [emscriptenOpts.preRun ?? []].flat()
    return {
      emscriptenOpts: { ...emscriptenOpts, preRun: [...preRun, (module) => addSync(module.FS.filesystems.NODEFS)] },
    }
  }
}

const addSync = (files: object): void => {
  const operations: unknown = Reflect.get(files, 'stream_ops')
  if (typeof operations !== 'object' || operations === null)
    throw new TypeError('the file system of this PGlite cannot be made durable')
  Object.assign(operations, {
    fsync: ({ nfd }: { readonly nfd: number }) => {
      fs.fsyncSync(nfd)
      return 0
    },
  })
}
