import { version } from '../../package.json';

/** Version of the package, shown in the API's document and the worker's build id where no setting names one. */
export const PACKAGE_VERSION: string = version;
