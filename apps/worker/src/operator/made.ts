/** When something was set and by whom, for JSON. */
export const madeJson = ({ updatedAt, updatedBy }: { updatedAt: Date; updatedBy: string | null }) => ({
  updatedAt: updatedAt.toISOString(),
  updatedBy,
})

/** The same for a person: to the minute, in UTC as in the logs. */
export const madeText = ({ updatedAt, updatedBy }: { updatedAt: string; updatedBy: string | null }): string =>
  `since ${updatedAt.slice(0, 16).replace('T', ' ')} UTC${updatedBy === null ? '' : ` by ${updatedBy}`}`
