/** What the person asked, as they wrote it. */
export const Question = ({ text }: { text: string }) => (
  <div className="flex justify-end">
    <p
      dir="auto"
      className="max-w-[85%] rounded-2xl rounded-ee-md bg-hover px-4 py-2.5 text-[0.9375rem] [overflow-wrap:anywhere] whitespace-pre-wrap"
    >
      {text}
    </p>
  </div>
)
