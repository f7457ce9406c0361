/** Products whose databases can be taken over. */
export const IMPORT_PRODUCTS = ['new-api', 'one-api'] as const;
/** One of {@link IMPORT_PRODUCTS}. */
export type ImportProduct = (typeof IMPORT_PRODUCTS)[number];
