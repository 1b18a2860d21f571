import { version } from '../../package.json';

/** Version of the package: told in the API's document, and the worker's build id. */
export const PACKAGE_VERSION: string = version;
