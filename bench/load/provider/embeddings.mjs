import { seedVector } from '../../../packages/rag/src/seed/index.ts'
import { modelNamed } from './model-name.mjs'
import { ticks } from './ticks.mjs'

/** Words whose place is remembered; a corpus of made-up text has fewer. */
const MOST_WORDS = 50_000
/** Keeps a text without words from being nothing, which is no vector. */
const REST = '0.01'

const places = new Map()

/** Feature hashing (Weinberger et al. 2009): each word adds to one number, with a sign; FNV-1a is the hash. */
const placeOf = (word, dimension) => {
  const key = `${dimension} ${word}`
  let place = places.get(key)
  if (place === undefined) {
    let hash = 0x811c9dc5
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193) >>> 0
    place = { index: hash % (dimension - 1), sign: hash >>> 31 === 0 ? 1 : -1 }
    if (places.size < MOST_WORDS) places.set(key, place)
  }
  return place
}

/** Texts that share words are near each other. Written as text at once: nearly all of its numbers are 0. */
const vectorText = (text, dimension) => {
  const sums = new Map()
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const { index, sign } = placeOf(word, dimension)
    sums.set(index, (sums.get(index) ?? 0) + sign)
  }
  const length = Math.sqrt([...sums.values()].reduce((sum, value) => sum + value * value, 0)) || 1
  const numbers = Array.from({ length: dimension }, () => '0')
  for (const [index, value] of sums) numbers[index] = (value / length).toFixed(4)
  numbers[dimension - 1] = REST
  return `[${numbers.join(',')}]`
}

/**
 * Answers `POST /embeddings` after the name's `ttft`. Throws on a body that is not such a request.
 *
 * @param {any} body @param {(json: string) => void} answer
 */
export const embed = (body, answer) => {
  const { firstTokenMs, seeded, dimension } = modelNamed(body.model)
  const texts = Array.isArray(body.input) ? body.input : [body.input]
  if (texts.length === 0 || texts.some((text) => typeof text !== 'string')) throw new Error('input: texts are expected')
  if ((body.encoding_format ?? 'float') !== 'float') throw new Error('encoding_format: only float is spoken here')
  const send = () => {
    const vectors = texts.map(
      (text, index) =>
        `{"object":"embedding","index":${index},"embedding":${seeded ? JSON.stringify(seedVector(text)) : vectorText(text, dimension)}}`,
    )
    const tokens = Math.ceil(texts.reduce((sum, text) => sum + text.length, 0) / 4)
    const usage = JSON.stringify({ prompt_tokens: tokens, total_tokens: tokens })
    answer(`{"object":"list","data":[${vectors.join(',')}],"model":${JSON.stringify(body.model)},"usage":${usage}}`)
  }
  if (firstTokenMs === 0) send()
  else ticks.at(ticks.now() + firstTokenMs, send)
}
