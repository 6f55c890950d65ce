// Loaded into every process that boot starts (`node --import`), before its own code.
//
// What a child may rely on:
//   env      QUARRY_DATA (absolute), HOSTNAME (an address), PORT, NODE_ENV; nothing of npm's.
//   output   goes to QUARRY_DATA/logs/<name>.log; warnings and errors are shown to the person as well.
//   ready    a child says `process.send?.({ type: 'ready' })` when it serves; web is asked over HTTP instead.
//   stop     SIGTERM; 10 s later SIGKILL to its whole process group.
//   orphaned when boot is gone, even by SIGKILL, the IPC channel between them closes: this file then stops the child.
import { isMainThread } from 'node:worker_threads'

/** After SIGTERM an orphan has this long; nobody is left who could kill it. */
const ORPHAN_GRACE_MS = 5_000

if (isMainThread && process.channel !== undefined) {
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), ORPHAN_GRACE_MS).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  // The listener above would keep a finished migration alive.
  process.channel.unref()
}
