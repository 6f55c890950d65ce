import { startEntry } from './src/entry/start-entry.ts'

await startEntry(import.meta.dirname)
