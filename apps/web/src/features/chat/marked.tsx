/** Text in which the words that were searched for stand out. */
export const Marked = ({ text, words }: { text: string; words: readonly string[] }) => {
  if (words.length === 0) return text
  const pattern = new RegExp(
    `(${words.map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|')})`,
    'iu',
  )
  // Cut at one group: what was found stands at every odd place.
  return text.split(pattern).map((part, index) =>
    index % 2 === 1 ? (
      // eslint-disable-next-line react/no-array-index-key -- the parts have no other identity
      <mark key={index} className="rounded-xs bg-mark/40 text-ink">
        {part}
      </mark>
    ) : (
      part
    ),
  )
}
