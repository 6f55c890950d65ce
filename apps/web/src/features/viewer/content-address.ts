/** Where the original bytes of a version are served. */
export const contentHref = (versionId: string): string => `/api/documents/versions/${versionId}/content`
