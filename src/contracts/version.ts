import { version } from '../../package.json';

/** Version of the package, shown in the API's document and used as the worker's build id. */
export const PACKAGE_VERSION: string = version;
