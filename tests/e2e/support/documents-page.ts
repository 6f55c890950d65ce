import { expect, type Locator, type Page } from '@playwright/test'

export interface UploadedFile {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

export const pdf = (name: string, bytes: Uint8Array): UploadedFile => file(name, 'application/pdf', bytes)
export const markdown = (name: string, bytes: Uint8Array): UploadedFile => file(name, 'text/markdown', bytes)
export const text = (name: string, bytes: Uint8Array): UploadedFile => file(name, 'text/plain', bytes)
export const word = (name: string): UploadedFile =>
  file(name, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', Buffer.from('PK\u0003\u0004'))

const file = (name: string, mimeType: string, bytes: Uint8Array) => ({ name, mimeType, buffer: Buffer.from(bytes) })

/** The entry of a document in the list, by its path. */
export const documentRow = (page: Page, name: string): Locator =>
  page.locator(`[data-testid="document-row"][data-path="${name}"]`)

/** Chooses files with the picker behind the button. */
export const pickFiles = async (page: Page, files: readonly UploadedFile[]): Promise<void> => {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload files' }).first().click()
  await (await chooser).setFiles([...files])
}

/** Drops files on the page, as a browser reports it: the events of a drag that carries files. */
export const dropFiles = async (page: Page, files: readonly UploadedFile[]): Promise<void> => {
  const transfer = await page.evaluateHandle(
    (dropped) => {
      const data = new DataTransfer()
      for (const { name, mimeType, base64 } of dropped) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0)
        data.items.add(new File([bytes], name, { type: mimeType }))
      }
      return data
    },
    files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString('base64') })),
  )
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.getByTestId('drop-zone').dispatchEvent(type, { dataTransfer: transfer })
  }
}

/** Uploads files on the documents page and waits, without a reload, until each can be asked about. */
export const addSearchable = async (page: Page, files: readonly UploadedFile[]): Promise<void> => {
  await page.goto('/documents')
  await pickFiles(page, files)
  for (const { name } of files) await expect(documentRow(page, name)).toContainText('Searchable', { timeout: 30_000 })
}
