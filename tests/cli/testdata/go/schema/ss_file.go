package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// FileStatesDef names the states, in their order.
type FileStatesDef struct {
	*am.StatesBase

	DownloadingFile string
	FileDownloaded  string
	ProcessingFile  string
	FileProcessed   string
	UploadingFile   string
	FileUploaded    string
}

// FileGroupsDef names the groups of states.
type FileGroupsDef struct {
	Downloaded am.S
	Processed  am.S
	Uploaded   am.S
}

// FileSchema is the states: what they are, and how they relate.
var FileSchema = am.Schema{
	ssFile.DownloadingFile: {Remove: sgFile.Downloaded},
	ssFile.FileDownloaded:  {Remove: sgFile.Downloaded},
	ssFile.ProcessingFile: {
		Auto:    true,
		Require: am.S{ssFile.FileDownloaded},
		Remove:  sgFile.Processed,
	},
	ssFile.FileProcessed: {Remove: sgFile.Processed},
	ssFile.UploadingFile: {
		Auto:    true,
		Require: am.S{ssFile.FileProcessed},
		Remove:  sgFile.Uploaded,
	},
	ssFile.FileUploaded: {Remove: sgFile.Uploaded},
}

var (
	ssFile = am.NewStates(FileStatesDef{})
	sgFile = am.NewStateGroups(FileGroupsDef{
		Downloaded: am.S{ssFile.DownloadingFile, ssFile.FileDownloaded},
		Processed:  am.S{ssFile.ProcessingFile, ssFile.FileProcessed},
		Uploaded:   am.S{ssFile.UploadingFile, ssFile.FileUploaded},
	})

	FileStates = ssFile
	FileGroups = sgFile
)
