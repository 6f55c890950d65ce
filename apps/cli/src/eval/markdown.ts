import type { CorpusDocument } from './dataset.ts'

/** A corpus document as the Markdown file that goes through ingestion: its title as the heading, when it has one. */
export const markdownOf = ({ title, text }: CorpusDocument): string => {
  // A line break would end the heading in its middle.
  const heading = title.replaceAll(/\s+/gu, ' ').trim()
  return heading === '' ? `${text}\n` : `# ${heading}\n\n${text}\n`
}

/** The path of a corpus document: its id, with what a path cannot hold percent-encoded. */
export const pathOf = ({ id }: CorpusDocument): string => `${encodeURIComponent(id)}.md`
