import { randomUUID } from 'node:crypto'
import type { DatabaseAdapter } from '@quarry/config'
import type { Actor } from '@quarry/contracts'
import { openDatabase, schema } from '@quarry/db'

// A process that dies of SIGKILL when its change is committed and nobody has been told. Its argument is JSON.
const { adapter, actor } = JSON.parse(process.argv[2] ?? '') as { adapter: DatabaseAdapter; actor: Actor }
const database = openDatabase(adapter)
await database
  .tenant(actor)
  .tx((tx) => tx.insert(schema.collection).values({ orgId: actor.orgId, id: randomUUID(), name: randomUUID() }))
process.kill(process.pid, 'SIGKILL')
