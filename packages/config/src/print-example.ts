import { exampleFile } from './example.ts'

process.stdout.write(exampleFile())
