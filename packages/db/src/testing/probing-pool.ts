import type { Connection } from '../client/connection.ts'
import { ConnectionPool } from '../client/pool.ts'

const CONTEXT_LEFT = `select coalesce(current_setting('app.org_id', true), '') || coalesce(current_setting('app.collection_ids', true), '')
  || case when current_user = session_user then '' else current_user::text end`

/**
 * Looks at every connection that comes back or is handed on, before anything else is sent on it: no organisation, no
 * visible collections and no role may be left.
 */
export class ProbingPool extends ConnectionPool {
  lookedAt = 0
  leftovers = 0
  handedOn = 0

  override handOn(connection: Connection): boolean {
    this.#look(connection)
    const handedOn = super.handOn(connection)
    if (handedOn) this.handedOn++
    return handedOn
  }

  override release(connection: Connection): void {
    this.#look(connection)
    super.release(connection)
  }

  #look(connection: Connection): void {
    if (!connection.ended) void this.#ask(connection)
  }

  async #ask(connection: Connection): Promise<void> {
    try {
      const [row] = await connection.query(CONTEXT_LEFT, [], 'arrays')
      this.lookedAt++
      if (!Array.isArray(row) || row[0] !== '') this.leftovers++
    } catch {
      // Lost meanwhile: nobody will use it.
    }
  }
}
