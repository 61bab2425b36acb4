// The one caller that the app knows; the test signs for it.

export const region = "us-east-1";
export const accountId = "111122223333";
export const userArn = `arn:aws:iam::${accountId}:user/ann`;
export const accessKeyId = "AKIDEXAMPLE";
export const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
