// Loaded into every process that boot starts (`node --import`), before its own code.
//
// What a child may rely on:
//   env      QUARRY_DATA (absolute), HOSTNAME (an address), PORT, NODE_ENV; nothing of npm's.
//   output   goes to QUARRY_DATA/logs/<name>.log; warnings and errors are shown to the person as well.
//   ready    a child says `process.send?.({ type: 'ready' })` when it serves; web is asked over HTTP instead.
//   ping     whoever started it may send `{ type: 'ping' }`, and hears `{ type: 'pong' }` while its main thread goes on.
//   stop     SIGTERM; 10 s later, or 30 s for web, SIGKILL to its whole process group.
//   orphaned when boot is gone, even by SIGKILL, this file stops the child and its whole process group.
import { isMainThread } from 'node:worker_threads'

/** After SIGTERM an orphaned group has this long; nobody else is left who could kill it. */
const ORPHAN_GRACE_MS = 5_000
/** The channel to boot closes at once. This is for a child of `node --watch`, whose channel leads to the watcher. */
const POLL_MS = 1_000

const bootPid = Number(process.env.QUARRY_BOOT_PID)

/** Process 0 means the caller's own group: the child, its watcher if it has one, and all that they have started. */
const stopGroup = () => {
  setTimeout(() => process.kill(0, 'SIGKILL'), ORPHAN_GRACE_MS)
  process.kill(0, 'SIGTERM')
}

const bootIsGone = () => {
  try {
    process.kill(bootPid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

if (isMainThread && bootPid > 0) {
  // What a child forks inherits this file, but its channel leads elsewhere, and may close for other reasons.
  if (process.channel !== undefined && process.ppid === bootPid) {
    process.once('disconnect', stopGroup)
    process.on('message', (message) => {
      // Whoever asked may be gone by now.
      if (message?.type === 'ping') process.send?.({ type: 'pong' }, () => {})
    })
    // The listeners would keep a finished migration alive.
    process.channel.unref()
  }
  const poll = setInterval(() => {
    if (!bootIsGone()) return
    clearInterval(poll)
    stopGroup()
  }, POLL_MS).unref()
}
