import type { EmbeddingIdentity } from '@quarry/config'
import type { Language } from '../analyse/language.ts'

/** How much text a vector stands for. A passage has as many windows as it needs, and is as near as its nearest one. */
export interface WindowPolicy {
  /** Words of a window, titles included; a word of a script without spaces has two characters. */
  readonly words: number
}

export interface EmbedOptions {
  /** Aborting gives up waiting; the error is the signal's reason. */
  readonly signal: AbortSignal
}

/** A model that turns texts into vectors, behind one face: carried in a package, or an endpoint. */
export interface EmbeddingModel {
  /** For people and logs. */
  readonly name: string
  readonly window: WindowPolicy
  /** Share of the vectors in the ranking, 0 to 1. */
  readonly weight: number
  /**
   * The least cosine at which a passage is found that has none of the query's words; null when every such passage may
   * be. A weak model is sure of too much.
   */
  readonly floor: number | null
  /** Windows that are embedded in one call, so that one call takes about a second. */
  readonly batchSize: number
  /** How long a search waits for the vector of its query before it goes by words alone. */
  readonly queryTimeoutMs: number
  knows(language: Language): boolean
  /**
   * Known at once for a built-in model, for an endpoint from its first answer on: it may be asked here.
   * @throws AppError `model_unavailable`
   */
  identity(options: EmbedOptions): Promise<EmbeddingIdentity>
  /**
   * One vector per text, in order. Texts must not be empty.
   * @throws AppError `model_unavailable` with a sentence that says why, when the model does not answer in time or well.
   */
  embed(texts: readonly string[], options: EmbedOptions): Promise<readonly (readonly number[])[]>
  /** Frees what the model holds. Safe to call twice; a later call starts it again. */
  close(): Promise<void>
}
