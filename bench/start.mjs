// How long the product takes to start on an empty and on a filled data folder, and how much memory all of its processes
// hold at rest. Prints one JSON object. The build is there already, or is made before the clock that counts here starts.
import { setTimeout as pause } from 'node:timers/promises'
import { newDataFolder, startProduct } from '../tests/fixtures/product/index.ts'

/** After the work of the start is done, and before anybody asks for anything. */
const REST_MS = 10_000
const WARM_STARTS = 3

const mebibytes = (bytes) => Math.round(bytes / 1024 / 1024)
const partOf = (command) =>
  Object.entries({ boot: 'boot.mjs', pglite: 'embedded/main.ts', worker: 'worker/src/main.ts', parser: 'parse/' }).find(
    ([, file]) => command.includes(file),
  )?.[0] ?? 'web'

const dataFolder = await newDataFolder()
let product = await startProduct({ dataFolder })
try {
  if (product.output().includes('Building')) {
    await product.stop({ keepData: false })
    product = await startProduct({ dataFolder })
  }
  const freshStartMs = Math.round(product.startMs)
  const warm = []
  for (let i = 0; i < WARM_STARTS; i++) {
    await product.stop({ keepData: true })
    product = await startProduct({ dataFolder })
    warm.push(Math.round(product.startMs))
  }
  await pause(REST_MS)
  const parts = product
    .processes()
    .map(({ command, residentBytes }) => ({ part: partOf(command), rssMb: mebibytes(residentBytes) }))
  const rssMb = parts.reduce((sum, part) => sum + part.rssMb, 0)
  console.log(
    JSON.stringify({ freshStartMs, warmStartMs: warm.toSorted((a, b) => a - b)[1], warmStartsMs: warm, rssMb, parts }),
  )
} finally {
  await product.stop({ keepData: false })
}
