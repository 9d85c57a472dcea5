package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	DownloadingFile: {Remove: GroupDownloaded},
	FileDownloaded:  {Remove: GroupDownloaded},
	ProcessingFile: {
		Auto:    true,
		Require: S{FileDownloaded},
		Remove:  GroupProcessed,
	},
	FileProcessed: {Remove: GroupProcessed},
	UploadingFile: {
		Auto:    true,
		Require: S{FileProcessed},
		Remove:  GroupUploaded,
	},
	FileUploaded: {Remove: GroupUploaded},
}

// Groups of states.
var (
	GroupDownloaded = S{DownloadingFile, FileDownloaded}
	GroupProcessed  = S{ProcessingFile, FileProcessed}
	GroupUploaded   = S{UploadingFile, FileUploaded}
)

// The states by name.
const (
	DownloadingFile = "DownloadingFile"
	FileDownloaded  = "FileDownloaded"
	ProcessingFile  = "ProcessingFile"
	FileProcessed   = "FileProcessed"
	UploadingFile   = "UploadingFile"
	FileUploaded    = "FileUploaded"
)

// Names are the names of the states, in their order.
var Names = S{
	DownloadingFile,
	FileDownloaded,
	ProcessingFile,
	FileProcessed,
	UploadingFile,
	FileUploaded,
	am.Exception,
}
